"""The rules of the register, without a database: codes, words, what a roster says and what it would change."""
