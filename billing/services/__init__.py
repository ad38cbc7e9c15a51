"""Writing bills, tariffs and settlement: one verb a function."""
