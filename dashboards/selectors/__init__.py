"""Reads of the overview: the frames, the page they make, the rows behind a figure."""
