"""How large a file may be before it is refused (S-09)."""

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 100
"""Unpacked over packed size of a whole archive; small files may exceed it (see `archive`)."""
MAX_MEMBERS = 1_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
CHILD_MEMORY_BYTES = 2 * 1024**3
CHILD_CPU_SECONDS = 60
