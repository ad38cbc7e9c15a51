"""What `make` runs: set-up, linters, checks. Nothing here is part of the product."""
