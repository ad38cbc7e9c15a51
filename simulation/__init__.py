"""A synthetic community with known behaviour: demo, benchmarks, rehearsal."""
