"""Doors of the owner's pages: find the reader, fill one view model, draw it."""
