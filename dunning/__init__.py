"""Reminders, and later cases, strategies and letters: the design card's collections."""
