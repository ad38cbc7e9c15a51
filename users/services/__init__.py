"""Writes: one-time codes, owners' log-ins, roles of staff."""
