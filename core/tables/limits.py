"""How large a table may be before it is refused; sizes of files are in `core.uploads` (S-09)."""

MAX_ROWS = 200_000
MAX_COLUMNS = 200
CHILD_MEMORY_BYTES = 2 * 1024**3
CHILD_CPU_SECONDS = 60
