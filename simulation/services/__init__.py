"""Building the synthetic community and living its months, through the product's own services."""
