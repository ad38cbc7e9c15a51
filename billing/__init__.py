"""Fee items, tariffs, apportionment, runs, bills and what is outstanding."""
