"""What the figures of the overview mean: pure functions over frames of bills and units."""
