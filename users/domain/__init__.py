"""Rules of log-in."""
