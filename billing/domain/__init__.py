"""The rules of billing: when a fee is due, what it costs, how it is rounded and shared. Pure functions."""
