"""The run and the explanation work one line out by two paths; whatever the tariff, they agree (B7)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.explain import explain
from billing.domain.pieces import UnitFacts, cut_pieces
from billing.domain.scopes import Tariff
from billing.domain.slab import UNKNOWN, Plan, Slab
from core.money import to_yuan
from core.periods import Period
from tests.billing.domain.slabs import FAR, LONG_AGO, plan, slab, tariff

QUARTER = Period(date(2026, 1, 1), date(2026, 4, 1))
days = st.integers(1, QUARTER.days - 1).map(lambda n: QUARTER.start + timedelta(days=n))
prices = st.decimals("0.0001", "99", places=4).map(str)


def spans(cuts: list[date]) -> list[tuple[date, date]]:
    return list(pairwise([LONG_AGO, *sorted(cuts), FAR]))


@st.composite
def versions(draw: st.DrawFn) -> list[Tariff]:
    """One to three versions of one method, each with a price and a rounding of its own."""
    method = draw(st.sampled_from(["area", "fixed", "meter", "tiers"]))
    return [
        tariff(
            method,
            draw(prices),
            id=number,
            start=start,
            end=None if end == FAR else end,
            rounding=draw(st.sampled_from(["fen", "jiao", "yuan"])),
        )
        for number, (start, end) in enumerate(spans(draw(st.lists(days, max_size=2, unique=True))), start=1)
    ]


def metered(area: str, use: Decimal, payers: list[tuple[date, date]]) -> Slab:
    """One unit with its payers, and a meter that counted ``use``."""
    facts = slab([area] * len(payers), spans=payers, units=[1] * len(payers), uses=[str(use)], period=QUARTER)
    meter = {
        "meter": "W1",
        "opening": {"on": "2025-12-31", "value": "100.0000"},
        "closing": {"on": "2026-03-31", "value": f"{100 + use:.4f}"},
        "multiplier": "1.0000",
        "use": f"{use:.4f}",
    }
    facts.uses["water", QUARTER].text[0] = json.dumps(meter)
    return facts


def changed(facts: Slab, measured_on: date, empty: tuple[date, date], share: int) -> Slab:
    """The unit is larger from a day on, and owes only a share while it stands empty."""
    first, after = sorted(empty)
    what = UnitFacts(
        unit=np.array([1, 1]),
        start=np.array([measured_on.toordinal(), first.toordinal()]),
        end=np.array([FAR.toordinal(), after.toordinal() + 1]),
        area=np.array([101_2345, UNKNOWN]),
        share=np.array([UNKNOWN, share]),
    )
    return replace(facts, accounts=cut_pieces(facts.accounts, what))


def honouring_vacancy(due: Plan) -> Plan:
    return replace(due, items=tuple(replace(item, honours_vacancy=True) for item in due.items))


@given(
    versions=versions(),
    area=st.decimals("0.0001", "3000", places=4).map(str),
    use=st.decimals("0", "999", places=2),
    cuts=st.lists(days, max_size=2, unique=True),
    measured_on=days,
    empty=st.tuples(days, days),
    share=st.sampled_from([10_000, 7_000, 3_333, 0]),
)
def test_every_line_of_the_run_is_confirmed(
    versions: list[Tariff],
    area: str,
    use: Decimal,
    cuts: list[date],
    measured_on: date,
    empty: tuple[date, date],
    share: int,
) -> None:
    due = honouring_vacancy(plan(*versions, period=QUARTER))
    facts = changed(metered(area, use, spans(cuts)), measured_on, empty, share)
    lines = charge_slab(due, facts).lines
    for method, fen, inputs in zip(lines.method, lines.amount_fen, lines.inputs, strict=True):
        opened = explain(method=method, inputs=json.loads(inputs), amount=to_yuan(fen))
        assert (opened.computed, opened.contradictions) == (to_yuan(fen), ())
