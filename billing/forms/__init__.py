"""Forms of billing's staff pages."""
