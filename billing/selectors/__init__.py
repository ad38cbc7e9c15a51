"""Reading bills and what is open on them."""
