"""A charged late fee opens into stretches that are worked out again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from billing.domain.explain import explain
from billing.explaining.steps import tell_steps, tell_summary

INPUTS: dict[str, Any] = {
    "principal_line": 1, "bill": "2611000001234", "fee_item": "物业费", "late_from": "2026-11-20", "grace": 0,
    "clause": "第十三条", "rate": "0.0005", "once": False, "cap": "1000.00", "charged": "5.00", "rounding": "fen",
    "stretches": [
        {"from": "2026-11-21", "to": "2026-11-30", "principal": "1000.00", "amount": "5.00"},
        {"from": "2026-12-01", "to": "2026-12-05", "principal": "749.50", "amount": "1.87375"},
    ],
}  # fmt: skip


def test_explain_late_fee_agrees_with_what_was_billed() -> None:
    opened = explain(method="late_fee", inputs=INPUTS, amount=Decimal("1.87"))
    assert opened.agrees
    assert opened.steps[-1].formula == "5.00 + 1.87375 − 5.00 = 1.87375"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["Rate", "21 Nov 2026 to 30 Nov 2026", "1 Dec 2026 to 5 Dec 2026", "Charged before"]),
        ("zh-hans", ["比例", "2026年11月21日至2026年11月30日", "2026年12月1日至2026年12月5日", "之前已计收"]),
    ],
)
def test_explain_late_fee_in_both_languages(language: str, expected: list[str]) -> None:
    with translation.override(language):
        opened = explain(method="late_fee", inputs=INPUTS, amount=Decimal("1.87"))
        steps = tell_steps(opened, name="违约金")
        assert [step.label for step in steps[:-1]] == expected
        assert tell_summary(opened) == "5.00 + 1.87375 − 5.00"


def test_explain_late_fee_finds_a_stretch_that_does_not_compute() -> None:
    wrong = {**INPUTS, "stretches": [{**INPUTS["stretches"][0], "amount": "6.00"}], "charged": "0.00"}
    opened = explain(method="late_fee", inputs=wrong, amount=Decimal("6.00"))
    assert (opened.agrees, opened.contradictions) == (False, ("stretch",))


def test_explain_late_fee_says_where_the_cap_cut() -> None:
    cut = {
        **INPUTS,
        "cap": "3.00",
        "charged": "0.00",
        "stretches": [{**INPUTS["stretches"][0], "amount": "3.00"}],
    }
    opened = explain(method="late_fee", inputs=cut, amount=Decimal("3.00"))
    assert opened.agrees
    with translation.override("en"):
        note = tell_steps(opened, name="late fee")[1].note
    assert note == "1,000.00 × 0.05% × 10, but the late fee is never more than 3.00 yuan"
