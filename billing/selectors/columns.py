"""Many rows as numpy columns, without a Python object a value: COPY in its binary form, read as one block."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection

Params = Sequence[Any] | Mapping[str, Any]
HEADER, TRAILER = 19, 2
ORDINAL = "({} - DATE '0001-01-01' + 1)"
"""SQL of a date's ordinal, as ``date.toordinal`` counts."""

IntArray = npt.NDArray[np.int64]


def read_integers(names: Sequence[str], sql: str, params: Params = ()) -> dict[str, IntArray]:
    """Run a query and return its columns under these names; each row must be whole numbers, none of them NULL.

    The query selects the columns in the order of ``names``; they are cast to bigint here.

    Raises ValueError when a value was NULL.
    """
    casts = ", ".join(f"{name}::bigint" for name in names)
    query = f"COPY (SELECT {casts} FROM ({sql}) AS found ({', '.join(names)})) TO STDOUT (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(query, params) as copy:
        data = b"".join(copy)
    fields = [
        ("fields", ">i2"),
        *((f"{part}{n}", kind) for n in names for part, kind in (("#", ">i4"), ("", ">i8"))),
    ]
    row = np.dtype(fields)
    count, rest = divmod(len(data) - HEADER - TRAILER, row.itemsize)
    if rest:
        raise ValueError(f"A value among {', '.join(names)} is NULL.")
    table = np.frombuffer(data, dtype=row, count=count, offset=HEADER)
    return {name: table[name].astype(np.int64) for name in names}


def read_texts(sql: str, params: Params = ()) -> list[str]:
    """Run a query of one text column and return its values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [value for (value,) in cursor.fetchall()]


def iso_days(ordinals: IntArray) -> list[str]:
    """Return the ISO text of each day; there are few different ones."""
    days, which = np.unique(ordinals, return_inverse=True)
    texts = np.array([date.fromordinal(day).isoformat() for day in days.tolist()], dtype=object)
    found: list[str] = texts[which].tolist()
    return found
