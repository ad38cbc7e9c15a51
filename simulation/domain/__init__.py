"""A community that never was: its houses, its people and their habits, all drawn from one seed."""
