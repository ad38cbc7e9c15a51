"""Deeds on money that comes in. Each file holds one chapter; `booking` is where all of them meet."""
