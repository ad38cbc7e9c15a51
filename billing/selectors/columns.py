"""Many rows as numpy columns, without a Python object a value.

The server packs the rows into one block of big-endian integers, and numpy reads the block: a message a row, as COPY
would send them, costs more than the query.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

from core.bulk import Text

Params = Sequence[Any] | Mapping[str, Any]
SEPARATOR = "\x1f"
ORDINAL = "({} - DATE '0001-01-01' + 1)"
"""SQL of a date's ordinal, as ``date.toordinal`` counts."""

IntArray = npt.NDArray[np.int64]


def read_integers(names: Sequence[str], sql: str, params: Params = ()) -> dict[str, IntArray]:
    """Run a query and return its columns under these names; each value must be a whole number, none of them NULL.

    The query selects the columns in the order of ``names``; they are cast to bigint here.

    Raises ValueError when a value was NULL.
    """
    columns, _labels = _read(names, "NULL", f"FROM ({sql}) AS found ({', '.join(names)})", params)
    return columns


def read_labelled(
    names: Sequence[str], sql: str, params: Params = ()
) -> tuple[dict[str, IntArray], list[str]]:
    """Run a query like `read_integers` whose last column is a text, and return the texts beside the numbers.

    Raises ValueError when a value was NULL, or a text holds the unit separator U+001F.
    """
    columns, labels = _read(names, "label", f"FROM ({sql}) AS found ({', '.join(names)}, label)", params)
    texts = labels.split(SEPARATOR) if labels is not None else []
    if len(texts) != columns[names[0]].size:
        raise ValueError("A text is NULL or holds a separator.")
    return columns, texts


def _read(
    names: Sequence[str], label: str, source: str, params: Params
) -> tuple[dict[str, IntArray], str | None]:
    row = " || ".join(f"int8send({name}::bigint)" for name in names)
    query = f"SELECT count(*), string_agg({row}, ''), string_agg({label}, '{SEPARATOR}') {source}"
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        count, data, labels = cursor.fetchall()[0]
    table = np.frombuffer(data or b"", dtype=">i8").reshape(-1, len(names))
    if len(table) != count:
        raise ValueError(f"A value among {', '.join(names)} is NULL.")
    return {name: table[:, column].astype(np.int64) for column, name in enumerate(names)}, labels


def iso_days(ordinals: IntArray) -> list[str]:
    """Return the ISO text of each day; there are few different ones."""
    days, which = np.unique(ordinals, return_inverse=True)
    texts = np.array([date.fromordinal(day).isoformat() for day in days.tolist()], dtype=object)
    found: list[str] = texts[which].tolist()
    return found


def array_text(values: Iterable[int]) -> str:
    """Return one PostgreSQL array of numbers as text, much quicker than the driver writes it."""
    return f"{{{','.join(map(str, values))}}}"


def arrays(values: Iterable[IntArray]) -> Text:
    """Return a column of PostgreSQL arrays, as COPY reads them."""
    return Text([array_text(array.tolist()) for array in values])
