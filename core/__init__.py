"""The kernel: money, periods, errors, events, bulk copy, audit. It knows no business nouns."""
