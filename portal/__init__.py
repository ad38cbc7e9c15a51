"""The owner's pages, phone first."""
