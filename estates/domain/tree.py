"""Meters as a tree: what went into a pipe, what came out of it, and what was lost between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Branch:
    """One meter with what it counted and the branches behind it; `unit` is empty for a meter of the community.

    `use` is None without two readings to tell it from.
    """

    id: int
    code: str
    name: str
    kind: str
    unit: str
    use: Decimal | None
    branches: tuple[Branch, ...] = ()

    @property
    def passed_on(self) -> Decimal:
        """What the meters behind it counted; one that has no use to tell counts nothing."""
        return sum((branch.use for branch in self.branches if branch.use is not None), Decimal(0))

    @property
    def loss(self) -> Decimal | None:
        """What went in and was counted by none behind it; None for a leaf, or without a use to tell it from."""
        return self.use - self.passed_on if self.branches and self.use is not None else None

    @property
    def unknown(self) -> int:
        """How many meters behind it have no use to tell, so that the loss is too high."""
        return sum(branch.use is None for branch in self.branches)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Branch]]:
        """Yield the meter and all behind it with their depths, from the top."""
        yield depth, self
        for branch in self.branches:
            yield from branch.walk(depth + 1)


@dataclass(frozen=True)
class Node:
    """A meter as the register holds it; `parent` is 0 at the top."""

    id: int
    parent: int
    code: str
    name: str
    kind: str
    unit: str


def grow(nodes: Iterable[Node], uses: Mapping[int, Decimal]) -> tuple[Branch, ...]:
    """Return the tops of the trees, each with all behind it, in the order of the nodes.

    >>> nodes = [Node(1, 0, "main", "", "water", ""), Node(2, 1, "W1", "", "water", "8-2-301")]
    >>> (top,) = grow(nodes, {1: Decimal(100), 2: Decimal(97)})
    >>> top.loss
    Decimal('3')
    """
    behind: dict[int, list[Node]] = {}
    for node in nodes:
        behind.setdefault(node.parent, []).append(node)

    def branches(parent: int) -> tuple[Branch, ...]:
        return tuple(
            Branch(n.id, n.code, n.name, n.kind, n.unit, uses.get(n.id), branches(n.id))
            for n in behind.get(parent, ())
        )

    return branches(0)


def is_above(parents: Mapping[int, int | None], upper: int, lower: int) -> bool:
    """Return whether one meter stands above another, or is the same: it then cannot be fed through it.

    >>> is_above({2: 1, 3: 2, 1: None}, 1, 3)
    True
    """
    seen: set[int] = set()
    at: int | None = lower
    while at is not None and at not in seen:
        if at == upper:
            return True
        seen.add(at)
        at = parents.get(at)
    return False
