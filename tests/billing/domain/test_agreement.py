"""The run and the explanation work one line out by two paths; whatever the tariff, they agree (B7)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from billing.domain.charges import charge_slab
from billing.domain.explain import explain
from billing.domain.scopes import Tariff
from billing.domain.slab import MeterUses, Slab
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
    """One to three versions of one method, each with a price of its own."""
    method = draw(st.sampled_from(["area", "fixed", "meter", "tiers"]))
    rounding = draw(st.sampled_from(["fen", "jiao", "yuan"]))
    return [
        tariff(
            method,
            draw(prices),
            id=number,
            start=start,
            end=None if end == FAR else end,
            rounding=rounding,
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
    uses = facts.uses["water", QUARTER]
    uses.text[0] = json.dumps(meter)
    return Slab(facts.accounts, {("water", QUARTER): MeterUses(**vars(uses))})


@given(
    versions=versions(),
    area=st.decimals("0.0001", "3000", places=4).map(str),
    use=st.decimals("0", "999", places=2),
    cuts=st.lists(days, max_size=2, unique=True),
)
def test_every_line_of_the_run_is_confirmed(
    versions: list[Tariff], area: str, use: Decimal, cuts: list[date]
) -> None:
    lines = charge_slab(plan(*versions, period=QUARTER), metered(area, use, spans(cuts))).lines
    for method, fen, inputs in zip(lines.method, lines.amount_fen, lines.inputs, strict=True):
        opened = explain(method=method, inputs=json.loads(inputs), amount=to_yuan(fen))
        assert (opened.computed, opened.contradictions) == (to_yuan(fen), ())
