"""Reads of the owner's pages: each module fills the view models of one kind of page."""
