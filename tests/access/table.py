"""Reads `expected.txt`: who may open which route, and which thing stands in its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("expected.txt")
LETTERS = "CMFAEO"
WHO = re.compile(r"(?:[CMFAEO·] ){5}[CMFAEO·]|everybody|staff|link|leads away")


@dataclass(frozen=True)
class Row:
    """One route and method: who may, and the things in the address, in order.

    `is_missing`: who may open it finds nothing there, because what it shows is of one browser's session.
    """

    route: str
    who: frozenset[str]
    takes: tuple[str, ...]
    method: str = "GET"
    is_missing: bool = False

    @property
    def things(self) -> tuple[str, ...]:
        """The things of somebody among what the address takes; words in quotes are nobody's."""
        return tuple(name for name in self.takes if not name.startswith('"'))

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


EVERYBODY = frozenset({"", *LETTERS})
STAFF = frozenset("CMFAE")
NAMED = {"everybody": EVERYBODY, "link": EVERYBODY, "staff": STAFF}


def read_table() -> list[Row]:
    """The rows of both sections; a list becomes one row a page of it."""
    rows: list[Row] = []
    section = ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            section = line.split("]")[0][1:]
        elif line and not line.startswith("#"):
            rows += _read_route(line) if section == "routes" else _read_list(line)
    return rows


def _who(text: str) -> frozenset[str]:
    return NAMED.get(text) or frozenset(text) - {"·", " "}


def _read_route(line: str) -> list[Row]:
    name, rest = line.split(maxsplit=1)
    who = WHO.match(rest)
    assert who, line
    takes = tuple(word for word in rest[who.end() :].split() if word not in {"-", "404"})
    return [Row(name, _who(who[0]), takes, is_missing=rest.endswith(" 404"))]


def _read_list(line: str) -> list[Row]:
    name, rest = line.split(maxsplit=1)
    sees, adds, changes, deletes = WHO.findall(rest)
    thing = rest.split()[-1]
    route = f"admin:{name.replace('.', '_')}"
    rows = [Row(f"{route}_changelist", _who(sees), ()), Row(f"{route}_add", _who(adds), ())]
    if thing == "shared":
        return rows
    rows += [Row(f"{route}_{page}", _who(sees), (thing,)) for page in ("change", "history")]
    if changes != "leads away":
        rows.append(Row(f"{route}_change", _who(changes), (thing,), "POST"))
    return [*rows, Row(f"{route}_delete", _who(deletes), (thing,))]
