"""The API of payments. Every POST about money carries an Idempotency-Key (P-18)."""
