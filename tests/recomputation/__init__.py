"""A year of bills worked out a second time, from the clerk's files alone, by code that shares nothing with billing."""
