"""What the staff pages of billing show, as values in the reader's language."""
