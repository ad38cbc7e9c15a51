import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.state import ProjectState

from core.triggers import AppendOnly, allow_truncate


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def journal(db: None) -> AppendOnly:
    """A table with one row: the amount is fixed, the note may change, the seal be set once."""
    run("CREATE TABLE journal (amount numeric(14, 2), note text, seal text)")
    operation = AppendOnly("journal", mutable=("note",), once=("seal",))
    with connection.schema_editor() as editor:
        operation.database_forwards("core", editor, ProjectState(), ProjectState())
    run("INSERT INTO journal VALUES (309.45, 'first', NULL)")
    return operation


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET amount = 0",
        "UPDATE journal SET amount = 0, note = 'also'",
        "DELETE FROM journal",
        "TRUNCATE journal",
    ],
)
def test_refuses_to_change_what_was_written(journal: AppendOnly, statement: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement)


def test_lets_a_mutable_column_change(journal: AppendOnly) -> None:
    run("UPDATE journal SET note = 'second'")
    run("UPDATE journal SET note = NULL")


def test_lets_an_empty_column_be_filled_once(journal: AppendOnly) -> None:
    run("UPDATE journal SET seal = 'x'")
    with pytest.raises(IntegrityError, match="be filled in once"):
        run("UPDATE journal SET seal = 'y'")


def test_an_update_that_changes_nothing_passes(journal: AppendOnly) -> None:
    run("UPDATE journal SET amount = 309.45")


def test_allow_truncate_opens_for_its_block_only(journal: AppendOnly) -> None:
    with allow_truncate():
        run("TRUNCATE journal")
    with pytest.raises(IntegrityError):
        run("TRUNCATE journal")


def test_a_table_without_exceptions_refuses_even_an_empty_update(journal: AppendOnly) -> None:
    run("CREATE TABLE plain (amount numeric(14, 2))")
    with connection.schema_editor() as editor:
        AppendOnly("plain").database_forwards("core", editor, ProjectState(), ProjectState())
    with pytest.raises(IntegrityError):
        run("UPDATE plain SET amount = 1 WHERE false")


def test_can_be_taken_back(journal: AppendOnly) -> None:
    with connection.schema_editor() as editor:
        journal.database_backwards("core", editor, ProjectState(), ProjectState())
    run("DELETE FROM journal")


def test_deconstructs_to_the_call_that_made_it() -> None:
    name, args, kwargs = AppendOnly("journal", once=("seal",)).deconstruct()
    assert (name, args, kwargs) == ("AppendOnly", ["journal"], {"mutable": (), "once": ("seal",)})
