"""Append-only tables: the database itself refuses to change what has been written.

Use in a migration, after the table is made:

    operations = [AppendOnly("ledger_leg"), AppendOnly("billing_line", mutable=("printed_at",))]

Corrections are new rows. A test that empties tables says so with `allow_truncate()`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection
from django.db.migrations.operations import RunSQL

ALLOW_TRUNCATE = "SET nuanlin.allow_truncate = 'on'"
FORBID_TRUNCATE = "RESET nuanlin.allow_truncate"

# One definition for all tables; every migration replaces it with itself, so that none depends on another.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused, write a correcting row instead', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE OR REPLACE FUNCTION core_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('nuanlin.allow_truncate', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '% is append-only: TRUNCATE refused', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION core_refuse_frozen_columns() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := to_jsonb(OLD) - string_to_array(TG_ARGV[0], ',');
    after jsonb := to_jsonb(NEW) - string_to_array(TG_ARGV[0], ',');
    empty text[] := ARRAY(
        SELECT name FROM unnest(string_to_array(TG_ARGV[1], ',')) AS name WHERE to_jsonb(OLD) -> name = 'null'
    );
BEGIN
    IF before - empty IS DISTINCT FROM after - empty THEN
        RAISE EXCEPTION '% is append-only: only (%) may change, and (%) be filled in once',
            TG_TABLE_NAME, TG_ARGV[0], TG_ARGV[1] USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""


class AppendOnly(RunSQL):
    """Migration operation: triggers that refuse UPDATE, DELETE and TRUNCATE on `table`, from any client.

    `mutable` names columns that may still change; `once` names columns that may be filled in while they are
    NULL. Inserting costs nothing. A refused statement raises IntegrityError (SQLSTATE 23001).
    """

    def __init__(self, table: str, *, mutable: Sequence[str] = (), once: Sequence[str] = ()) -> None:
        self.table, self.mutable, self.once = table, tuple(mutable), tuple(once)
        frozen = ",".join(mutable), ",".join(once)
        update = (
            f"FOR EACH ROW EXECUTE FUNCTION core_refuse_frozen_columns('{frozen[0]}', '{frozen[1]}')"
            if any(frozen)
            else "FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change()"
        )
        super().__init__(
            sql=f"""{FUNCTIONS}
            CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {update};
            CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
            CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_truncate();""",
            reverse_sql=f"""DROP TRIGGER {table}_no_update ON {table};
            DROP TRIGGER {table}_no_delete ON {table};
            DROP TRIGGER {table}_no_truncate ON {table};""",
        )

    def deconstruct(self) -> tuple[str, Sequence[str], dict[str, object]]:
        """Return the call that makes this operation again, for squashed migrations."""
        return (self.__class__.__name__, [self.table], {"mutable": self.mutable, "once": self.once})

    def describe(self) -> str:
        """Return the sentence `migrate --plan` prints."""
        return f"Refuse to change or remove rows of {self.table}"


@contextmanager
def allow_truncate() -> Iterator[None]:
    """Let this database session empty append-only tables; for the teardown of tests only."""
    with connection.cursor() as cursor:
        cursor.execute(ALLOW_TRUNCATE)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(FORBID_TRUNCATE)
