"""Writing many rows at once: PostgreSQL's COPY, fed column by column.

Values are turned into COPY's text form a column at a time, which is several times quicker than a row at a
time, and the rows are joined in slices so that a run of 100,000 accounts does not hold its text in
memory.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection as default_connection
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

SLICE = 20_000
NULL = "\\N"
ENCODE = json.JSONEncoder(ensure_ascii=False, default=str).encode
NEXT_BLOCK = """
    SELECT min(number), max(number) FROM (
        SELECT nextval(pg_get_serial_sequence(%s, %s)) AS number FROM generate_series(1, %s)
    ) AS block
"""
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


@dataclass(frozen=True)
class Scaled:
    """A column of int64 values that stand for decimals: 30945 at two places is written 309.45, exactly."""

    values: npt.NDArray[np.int64]
    places: int = 2


class Fen(Scaled):
    """A column of fen, written as yuan."""

    def __init__(self, values: npt.NDArray[np.int64]) -> None:
        super().__init__(values, 2)


@dataclass(frozen=True)
class Text:
    """A column that already is in COPY's text form: nothing in it is escaped again."""

    values: Sequence[str]


Column = Sequence[Any] | npt.NDArray[Any] | Scaled | Text


def copy_rows(
    table: str, columns: Mapping[str, Column], *, connection: BaseDatabaseWrapper | None = None
) -> int:
    """Insert the rows made of these columns with COPY and return their number.

    Columns have one length. Text, numbers, Decimals, dates, aware datetimes, booleans, None, and dicts or
    lists (as JSON) are written as PostgreSQL reads them; `Scaled` and `Fen` write scaled integers, `Text`
    passes ready text. Defaults of the database apply to columns left out; those of Django do not.
    Constraints and triggers hold.

    Raises ValueError when the columns differ in length.
    """
    lengths = {len(_values_of(column)) for column in columns.values()}
    if len(lengths) > 1:
        raise ValueError(f"Columns of {table} differ in length: {sorted(lengths)}.")
    count = lengths.pop() if lengths else 0
    if count:
        database = connection or default_connection
        names = ", ".join(map(database.ops.quote_name, columns))
        statement = f"COPY {database.ops.quote_name(table)} ({names}) FROM STDIN"
        with database.cursor() as cursor, cursor.copy(statement) as copy:
            for text in render_rows(list(columns.values()), count):
                copy.write(text)
    return count


def render_rows(columns: Sequence[Column], count: int) -> Iterator[str]:
    """Yield the text of all rows, a slice at a time."""
    for start in range(0, count, SLICE):
        rendered = [_render(_cut(column, start)) for column in columns]
        yield "\n".join(map("\t".join, zip(*rendered, strict=True))) + "\n"


def _values_of(column: Column) -> Sequence[Any] | npt.NDArray[Any]:
    return column.values if isinstance(column, Scaled | Text) else column


def _cut(column: Column, start: int) -> Column:
    part = slice(start, start + SLICE)
    if isinstance(column, Scaled):
        return Scaled(column.values[part], column.places)
    return Text(column.values[part]) if isinstance(column, Text) else column[part]


def _render(column: Column) -> Sequence[str]:
    if isinstance(column, Text):
        return column.values
    if isinstance(column, Scaled):  # PostgreSQL reads 30945e-2 as 309.45, exactly, and it is quicker to write
        exponent = f"e-{column.places}"
        return [value + exponent for value in map(str, column.values.tolist())]
    if isinstance(column, np.ndarray):
        values = column.tolist()
        return list(map(str, values)) if column.dtype.kind == "i" else _render_values(values)
    return _render_values(column)


def render_scaled(values: npt.NDArray[np.int64], places: int) -> list[str]:
    """Return scaled integers as decimal text with exactly `places` decimals.

    >>> render_scaled(np.array([30945, -5, 0]), 2)
    ['309.45', '-0.05', '0.00']
    """
    whole, part = np.divmod(np.abs(values), 10**places)
    padded = map(str, (part + 10**places).tolist())  # 1045 without its first digit is 045
    texts = [f"{yuan}.{rest[1:]}" for yuan, rest in zip(whole.tolist(), padded, strict=True)]
    for row in np.flatnonzero(values < 0).tolist():
        texts[row] = f"-{texts[row]}"
    return texts


def _render_values(values: Sequence[Any]) -> list[str]:
    kinds = set(map(type, values))
    # By exact type, since a bool in a column of numbers is written t or f.
    if kinds <= {int} or kinds <= {Decimal}:
        return list(map(str, values))
    if kinds == {str}:
        return _render_text(values)
    if kinds == {date}:
        return list(map(date.isoformat, values))
    return [_render_one(value) for value in values]


def _render_text(values: Sequence[str]) -> list[str]:
    whole = "\x00".join(values)
    if whole.isalnum() or not any(mark in whole for mark in "\\\t\n\r"):
        return list(values)
    return [value.translate(ESCAPES) for value in values]


def render_json(value: Any) -> str:
    """Return a value as JSON in COPY's text form, ready for a `Text` column."""
    return ENCODE(value).replace("\\", "\\\\")  # JSON itself escapes tabs and line ends


def _render_one(value: Any) -> str:
    for kind, render in RENDERERS:
        if isinstance(value, kind):
            return render(value)
    raise TypeError(f"COPY cannot write {type(value).__name__}.")


# In this order: a bool is an int as well, and a datetime a date.
RENDERERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (type(None), lambda value: NULL),
    (str, lambda value: str(value).translate(ESCAPES)),
    (bool, lambda value: "t" if value else "f"),
    (int, lambda value: str(int(value))),
    (Decimal, str),
    (datetime, datetime.isoformat),
    (date, date.isoformat),
    (dict | list | tuple, render_json),
)


def reserve_ids(model: type[models.Model], count: int) -> range:
    """Take `count` neighbouring primary keys out of a model's sequence, for rows that COPY will write.

    Two callers never get the same key. Keys that end up unused leave a gap, as a rolled-back insert does;
    so does a block in which another session took a number, because it is dropped and the next one taken.
    A single key has no neighbours to wait for.

    Raises RuntimeError when twenty blocks in a row were disturbed.
    """
    if not count:
        return range(0)
    lock = f"reserve_ids:{model._meta.db_table}"
    with default_connection.cursor() as cursor:
        if count == 1:
            return _take_block(cursor, model, 1)
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [lock])  # callers wait their turn
        try:
            return _take_block(cursor, model, count)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [lock])


def _take_block(cursor: Any, model: type[models.Model], count: int) -> range:
    for _ in range(20):
        cursor.execute(NEXT_BLOCK, [f'"{model._meta.db_table}"', model._meta.pk.column, count])
        first, last = cursor.fetchone() or (0, 0)
        if last - first + 1 == count:
            return range(first, last + 1)
    raise RuntimeError(f"No undisturbed block of {count} keys of {model._meta.label}.")
