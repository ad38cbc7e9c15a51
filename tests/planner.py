"""What autovacuum does for a database whose stories are not one long transaction."""

from django.db import connection


def look_at_the_tables(*tables: str) -> None:
    """Let PostgreSQL count the rows of some tables, or of all, so that it plans for what is there."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")
