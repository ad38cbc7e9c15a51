"""When a household is reminded, and in which tone. Strategies per segment will stand beside this."""
