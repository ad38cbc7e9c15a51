"""The API of billing. Money is text with two decimals, in yuan."""
