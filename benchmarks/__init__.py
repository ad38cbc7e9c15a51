"""Benchmarks: `make bench`, `make bench ONLY=billing`. Each file measures one subject; `protocol.py` says how."""
