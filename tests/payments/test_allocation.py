"""The allocator against a plain one, and its rules one by one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.domain.allocation import Allocated, Claim, Inside, Kind, Policy, Rule, allocate, split_rest

DAY = date(2026, 11, 20)
CIVIL = Policy(Rule.CIVIL_CODE, Inside.LATE_FEE_FIRST)
CONTRACT = Policy(Rule.CONTRACT, Inside.PRINCIPAL_FIRST)


def claim(line: int, fen: int, due: date = DAY, **more: Any) -> Claim:
    return Claim(line, f"debt{line}", f"26110000{line:05d}-1", fen, due, **more)


# The oracle ---------------------------------------------------------------------------------------


def spend_rank_by_rank(
    paid: int, claims: list[Claim], policy: Policy, as_of: date, chosen: Mapping[int, int] | None
) -> Allocated:
    """Serve whoever comes first, again and again, with exact fractions; inside a debt fen by fen."""
    wants = {
        c.line_id: c.open_fen if chosen is None else min(c.open_fen, chosen.get(c.line_id, 0)) for c in claims
    }
    claims = [c for c in claims if wants[c.line_id]]
    debts: dict[str, list[Claim]] = {}
    for c in claims:
        debts.setdefault(c.debt, []).append(c)
    got = dict.fromkeys(debts, 0)
    total = {name: sum(wants[c.line_id] for c in members) for name, members in debts.items()}
    names = {name: max(members, key=lambda c: c.kind).name for name, members in debts.items()}
    while paid and any(got[name] < total[name] for name in debts):
        first = min(
            place(debts[name][0], policy, as_of, names[name]) for name in debts if got[name] < total[name]
        )
        equals = [name for name in debts if place(debts[name][0], policy, as_of, names[name]) == first]
        budget = min(paid, sum(total[name] for name in equals))
        whole = sum(total[name] for name in equals)
        exact = {name: Fraction(budget * total[name], whole) for name in equals}
        floors = {name: int(exact[name]) for name in equals}
        for name in sorted(equals, key=lambda n: (floors[n] - exact[n], names[n]))[
            : budget - sum(floors.values())
        ]:
            floors[name] += 1
        for name in equals:
            got[name] = floors[name]
        paid -= budget
        if sum(floors.values()) < whole:
            break
    return Allocated(inside_debts(got, debts, wants, policy), paid)


def place(c: Claim, policy: Policy, as_of: date, name: str) -> tuple[object, ...]:
    if policy.rule is Rule.CONTRACT:
        return c.due_on, c.rank, name
    return (0 if c.due_on <= as_of else 1), -c.daily_rate, c.due_on


def inside_debts(
    got: dict[str, int], debts: dict[str, list[Claim]], wants: dict[int, int], policy: Policy
) -> dict[int, int]:
    orders = {
        Inside.LATE_FEE_FIRST: [Kind.COST, Kind.LATE_FEE, Kind.PRINCIPAL],
        Inside.PRINCIPAL_FIRST: [Kind.PRINCIPAL, Kind.LATE_FEE, Kind.COST],
    }
    parts: dict[int, int] = {}
    for name, fen in got.items():
        for kind in orders[policy.inside]:
            for c in sorted((c for c in debts[name] if c.kind == kind), key=lambda c: c.name):
                while fen and parts.get(c.line_id, 0) < wants[c.line_id]:
                    parts[c.line_id] = parts.get(c.line_id, 0) + 1
                    fen -= 1
    return parts


def random_case(rng: random.Random) -> tuple[int, list[Claim], Policy, Mapping[int, int] | None]:
    claims: list[Claim] = []
    for debt in range(rng.randint(0, 5)):
        due, rate = (
            DAY + timedelta(rng.choice([-40, -1, 0, 1])),
            Decimal(rng.choice(["0", "0.0003", "0.0005"])),
        )
        for kind in rng.sample(list(Kind), rng.choice([1, 1, 2, 3])):
            line = len(claims) + 1
            claims.append(
                Claim(line, f"d{debt}", f"n{debt}{kind:d}", rng.randint(0, 60), due, debt % 2, rate, kind)
            )
    policy = Policy(rng.choice(list(Rule)), rng.choice(list(Inside)))
    chosen = (
        {c.line_id: rng.randint(0, 70) for c in claims if rng.random() < 0.6} if rng.random() < 0.4 else None
    )
    return rng.randint(0, 400), claims, policy, chosen


def test_allocate_agrees_with_the_oracle_in_10000_random_cases() -> None:
    rng = random.Random(560)
    for number in range(10_000):
        paid, claims, policy, chosen = random_case(rng)
        expected = spend_rank_by_rank(paid, claims, policy, DAY, chosen)
        found = allocate(paid, claims, policy=policy, as_of=DAY, chosen=chosen)
        assert (dict(found.parts), found.left_fen) == (dict(expected.parts), expected.left_fen), (
            f"case {number}"
        )
        assert sum(found.parts.values()) + found.left_fen == paid, f"case {number}"


# The rules, one by one ----------------------------------------------------------------------------


def test_allocate_contract_takes_the_earliest_due_date_first_then_the_rank() -> None:
    october, november = date(2026, 10, 20), date(2026, 11, 20)
    claims = [
        claim(1, 291_36, november),
        claim(2, 100_00, october, rank=20),
        claim(3, 168_41, october, rank=10),
    ]
    assert allocate(300_00, claims, policy=CONTRACT, as_of=DAY) == Allocated(
        {3: 168_41, 2: 100_00, 1: 31_59}, 0
    )


def test_allocate_civil_code_takes_a_newer_debt_with_late_fee_before_an_older_one_without() -> None:
    claims = [
        claim(1, 100_00, date(2026, 1, 20)),
        claim(2, 100_00, date(2026, 10, 20), daily_rate=Decimal("0.0003")),
    ]
    assert allocate(150_00, claims, policy=CIVIL, as_of=DAY) == Allocated({2: 100_00, 1: 50_00}, 0)


@pytest.mark.parametrize(
    ("as_of", "first"),
    [(date(2026, 11, 19), 1), (date(2026, 11, 20), 2), (date(2026, 11, 21), 2)],
    ids=["the day before it is due", "on the day", "the day after"],
)
def test_allocate_civil_code_pays_what_is_due_before_what_is_not(as_of: date, first: int) -> None:
    claims = [claim(1, 50, date(2026, 11, 1)), claim(2, 50, DAY, daily_rate=Decimal("0.0003"))]
    assert allocate(50, claims, policy=CIVIL, as_of=as_of).parts == {first: 50}


def test_allocate_civil_code_shares_equal_debts_in_proportion_to_the_fen() -> None:
    claims = [claim(1, 10_00), claim(2, 10_00), claim(3, 10_00)]
    assert allocate(10_00, claims, policy=CIVIL, as_of=DAY).parts == {1: 3_34, 2: 3_33, 3: 3_33}


@pytest.mark.parametrize(
    ("inside", "parts"),
    [(Inside.PRINCIPAL_FIRST, {1: 100, 2: 20}), (Inside.LATE_FEE_FIRST, {3: 10, 2: 30, 1: 80})],
)
def test_allocate_inside_a_debt_follows_the_policy(inside: Inside, parts: dict[int, int]) -> None:
    claims = [
        Claim(1, "d", "n1", 100, DAY),
        Claim(2, "d", "n2", 30, DAY, kind=Kind.LATE_FEE),
        Claim(3, "d", "n3", 10, DAY, kind=Kind.COST),
    ]
    assert allocate(120, claims, policy=Policy(Rule.CONTRACT, inside), as_of=DAY) == Allocated(parts, 0)


def test_allocate_with_a_choice_gives_nothing_to_other_lines() -> None:
    claims = [claim(1, 100, date(2026, 9, 1)), claim(2, 100)]
    assert allocate(150, claims, policy=CONTRACT, as_of=DAY, chosen={2: 100}) == Allocated({2: 100}, 50)


def test_allocate_leaves_all_when_the_chosen_line_was_paid_meanwhile() -> None:
    assert allocate(100, [claim(1, 0)], policy=CONTRACT, as_of=DAY, chosen={1: 100}) == Allocated({}, 100)


@given(
    st.integers(0, 10**9), st.lists(st.integers(0, 10**7), max_size=30), st.sampled_from([CIVIL, CONTRACT])
)
def test_allocate_never_gives_more_than_is_open_and_loses_nothing(
    paid: int, opens: list[int], policy: Policy
) -> None:
    claims = [claim(line, fen) for line, fen in enumerate(opens)]
    found = allocate(paid, claims, policy=policy, as_of=DAY)
    assert all(0 < fen <= opens[line] for line, fen in found.parts.items())
    assert sum(found.parts.values()) + found.left_fen == paid
    assert found.left_fen == max(0, paid - sum(opens))


def test_split_rest_keeps_money_with_the_unit_it_was_meant_for() -> None:
    assert split_rest(150, [(7, 100), (8, 30)], primary=7) == {7: 120, 8: 30}


def test_split_rest_of_nothing_is_nothing() -> None:
    assert split_rest(0, [(7, 0)], primary=7) == {}
