"""Reads of payments: what can be paid, what has been, and where each yuan went."""
