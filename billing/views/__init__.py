"""Staff pages of billing: the runs desk, bills, tariffs, settings."""
