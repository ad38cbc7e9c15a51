"""Which debt a payment meets first (DOMAIN-RULES §4.9, Civil Code art. 560 and 561).

A payment goes, in this order: to what the payer named; then by the community's rule. The rule is either the contract
(earliest due date, then the rank of the fee item) or the Civil Code: due before not yet due, then the heavier burden,
then the earlier due date, then in proportion. Inside one debt, costs, late fee and principal are met in the order of
the policy. Whatever no debt takes is left over and becomes prepayment: the parts and the rest always sum to the
payment. All amounts are fen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from core.money import split_fen


class Rule(StrEnum):
    """Who says which debt comes first when the payer does not."""

    CONTRACT = "contract"
    CIVIL_CODE = "civil_code"


class Inside(StrEnum):
    """What of one debt comes first: by most contracts the principal, by art. 561 costs and late fee."""

    PRINCIPAL_FIRST = "principal_first"
    LATE_FEE_FIRST = "late_fee_first"


class Kind(IntEnum):
    """What a claim is, in the order of art. 561."""

    COST = 0
    LATE_FEE = 1
    PRINCIPAL = 2


@dataclass(frozen=True)
class Claim:
    """The open part of one charge line.

    Claims of one ``debt`` (a principal, its late fee and its costs) stand together: they share ``due_on`` and
    ``daily_rate``, the late fee that runs per yuan and day. ``rank`` is the fee item's; ``name`` breaks ties and
    decides who gets a remainder fen, so it must not depend on database ids alone (bill number and fee item).
    """

    line_id: int
    debt: str
    name: str
    open_fen: int
    due_on: date
    rank: int = 0
    daily_rate: Decimal = Decimal(0)
    kind: Kind = Kind.PRINCIPAL


@dataclass(frozen=True)
class Policy:
    """How a community allocates what the payer did not direct."""

    rule: Rule = Rule.CONTRACT
    inside: Inside = Inside.PRINCIPAL_FIRST


@dataclass(frozen=True)
class Allocated:
    """Where a payment went: fen by charge line in the order in which they were met, and what nobody took."""

    parts: Mapping[int, int]
    left_fen: int


def allocate(
    paid_fen: int,
    claims: Iterable[Claim],
    *,
    policy: Policy,
    as_of: date,
    chosen: Mapping[int, int] | None = None,
) -> Allocated:
    """Set a payment against claims.

    ``chosen`` names lines and the most each of them may take; nothing goes to any other line then, and the rule only
    orders the named ones. Without it every claim is served by the rule.

    >>> day = date(2026, 11, 20)
    >>> allocate(150, [Claim(1, "a", "a", 100, day), Claim(2, "b", "b", 100, day)], policy=Policy(), as_of=day)
    Allocated(parts={1: 100, 2: 50}, left_fen=0)
    """
    open_claims = _narrow(claims, chosen)
    parts: dict[int, int] = {}
    left = paid_fen
    for equals in _rank(open_claims, policy, as_of):
        for debt, share in _share_out(left, equals):
            parts |= _settle_debt(share, debt, policy.inside)
            left -= share
    return Allocated({line: fen for line, fen in parts.items() if fen}, left)


def _narrow(claims: Iterable[Claim], chosen: Mapping[int, int] | None) -> list[Claim]:
    if chosen is None:
        return [claim for claim in claims if claim.open_fen > 0]
    named = (replace(claim, open_fen=min(claim.open_fen, chosen.get(claim.line_id, 0))) for claim in claims)
    return [claim for claim in named if claim.open_fen > 0]


Debt = Sequence[Claim]


def _rank(claims: list[Claim], policy: Policy, as_of: date) -> list[list[Debt]]:
    """Return groups of debts: the groups in the order of the rule, the debts of one group equal before it."""
    by_debt = sorted(claims, key=lambda claim: (claim.debt, -claim.kind, claim.name))
    debts = [list(group) for _, group in groupby(by_debt, key=attrgetter("debt"))]
    ranked = sorted(
        ((_rank_key(debt[0], policy, as_of), debt) for debt in debts),
        key=lambda pair: (pair[0], pair[1][0].name),
    )
    return [[debt for _, debt in equals] for _, equals in groupby(ranked, key=itemgetter(0))]


def _rank_key(claim: Claim, policy: Policy, as_of: date) -> tuple[Any, ...]:
    if policy.rule is Rule.CIVIL_CODE:
        return claim.due_on > as_of, -claim.daily_rate, claim.due_on
    return claim.due_on, claim.rank, claim.name


def _share_out(paid_fen: int, debts: list[Debt]) -> list[tuple[Debt, int]]:
    """Pay debts of one rank: all of them when the money suffices, else in proportion to what is open."""
    opens = [sum(claim.open_fen for claim in debt) for debt in debts]
    if paid_fen >= sum(opens):
        return list(zip(debts, opens, strict=True))
    if not paid_fen:
        return []
    return list(zip(debts, split_fen(paid_fen, opens, [debt[0].name for debt in debts]), strict=True))


def _settle_debt(paid_fen: int, debt: Debt, inside: Inside) -> dict[int, int]:
    parts = {}
    for claim in sorted(debt, key=lambda claim: (_inside_rank(claim.kind, inside), claim.name)):
        parts[claim.line_id] = min(paid_fen, claim.open_fen)
        paid_fen -= parts[claim.line_id]
    return parts


def _inside_rank(kind: Kind, inside: Inside) -> int:
    return -kind if inside is Inside.PRINCIPAL_FIRST else kind


def split_rest(left_fen: int, shortfalls: Sequence[tuple[int, int]], primary: int) -> dict[int, int]:
    """Say whose prepayment the money becomes that no claim took: fen by charge account.

    ``shortfalls`` are (account, fen chosen there but not needed any more); they are served first, in their order, so
    that money meant for a unit stays with it. The rest belongs to the ``primary`` account.

    >>> split_rest(130, [(7, 100), (8, 0)], primary=8)
    {7: 100, 8: 30}
    """
    rest: dict[int, int] = {}
    for account, missing in [*shortfalls, (primary, left_fen)]:
        part = min(left_fen, missing)
        rest[account] = rest.get(account, 0) + part
        left_fen -= part
    return {account: fen for account, fen in rest.items() if fen}


@dataclass(frozen=True)
class Decision:
    """What becomes of one sum: fen by charge line, and fen by charge account that become prepayment."""

    parts: Mapping[int, int]
    rest: Mapping[int, int]


def decide(
    paid_fen: int,
    claims: Iterable[Claim],
    *,
    policy: Policy,
    as_of: date,
    chosen: Mapping[int, int] | None,
    owners: Mapping[int, int],
    primary: int,
) -> Decision:
    """Allocate a sum and say whose prepayment the rest becomes.

    ``owners`` is the charge account of every chosen line; what was chosen for a line and is no longer needed there
    stays with that account, everything else with the ``primary`` one.

    >>> day = date(2026, 11, 20)
    >>> paid = {"policy": Policy(), "as_of": day, "chosen": {1: 80}, "owners": {1: 7}, "primary": 8}
    >>> decide(100, [Claim(1, "a", "a", 50, day)], **paid)
    Decision(parts={1: 50}, rest={7: 30, 8: 20})
    """
    allocated = allocate(paid_fen, claims, policy=policy, as_of=as_of, chosen=chosen)
    shortfalls = [
        (owners[line], fen - allocated.parts.get(line, 0))
        for line, fen in (chosen or {}).items()
        if line in owners
    ]
    return Decision(allocated.parts, split_rest(allocated.left_fen, shortfalls, primary))
