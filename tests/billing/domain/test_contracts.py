"""Which days contracts cover, and what is said of the others."""

from __future__ import annotations

from datetime import date

import pytest

from billing.domain.contracts import Term, clip_tariffs, find_gaps
from core.periods import Period
from tests.billing.domain.slabs import tariff

OCTOBER = Period.month("2026-10")
ENDING = Term("甲", date(2024, 1, 1), date(2026, 10, 16))


def spans(*terms: Term, **facts: object) -> list[tuple[str, str]]:
    found = clip_tariffs([tariff("area", "2.35", **facts)], terms)
    return [(str(part.start), str(part.end)) for part in found]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], [("2020-01-01", "None")]),
        ([Term("甲", date(2024, 1, 1), None)], [("2024-01-01", "None")]),
        ([ENDING], [("2024-01-01", "2026-10-16")]),
        ([Term("甲", date(2024, 1, 1), date(2026, 10, 16), "stop")], [("2024-01-01", "2026-10-16")]),
        ([Term("甲", date(2024, 1, 1), date(2026, 10, 16), "continue")], [("2024-01-01", "None")]),
        (
            [
                Term("乙", date(2027, 1, 1), None),
                Term("甲", date(2024, 1, 1), date(2026, 10, 16), "continue"),
            ],
            [("2024-01-01", "2027-01-01"), ("2027-01-01", "None")],
        ),
    ],
)
def test_clip_tariffs(terms: list[Term], expected: list[tuple[str, str]]) -> None:
    assert spans(*terms) == expected


@pytest.mark.parametrize(
    ("tariff_end", "contract_end", "expected"),
    [
        (date(2026, 5, 1), date(2026, 10, 16), "2026-05-01"),
        (date(2026, 12, 1), date(2026, 10, 16), "2026-10-16"),
        (date(2026, 5, 1), None, "2026-05-01"),
        (None, date(2026, 10, 16), "2026-10-16"),
    ],
)
def test_a_tariff_ends_by_itself_or_with_the_contract_whichever_is_first(
    tariff_end: date | None, contract_end: date | None, expected: str
) -> None:
    assert spans(Term("甲", date(2024, 1, 1), contract_end), end=tariff_end) == [("2024-01-01", expected)]


def test_clip_tariffs_leaves_out_pools_the_price_holds() -> None:
    term = Term("甲", date(2024, 1, 1), None, included_meters=frozenset({"P1"}))
    assert spans(term, pool_meter="P1") == []
    assert spans(term, pool_meter="P2") == [("2024-01-01", "None")]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([], []),
        ([Term("甲", date(2024, 1, 1), None)], []),
        ([ENDING], [("undecided", "2026-10-16/2026-10-31")]),
        ([Term("甲", date(2024, 1, 1), date(2026, 10, 1), "stop")], [("ended", "2026-10-01/2026-10-31")]),
        ([Term("甲", date(2024, 1, 1), date(2026, 10, 1), "continue")], []),
        ([Term("甲", date(2026, 10, 11), None)], [("not_begun", "2026-10-01/2026-10-10")]),
        (
            [ENDING, Term("乙", date(2026, 10, 21), None)],
            [("undecided", "2026-10-16/2026-10-20")],
        ),
    ],
)
def test_find_gaps(terms: list[Term], expected: list[tuple[str, str]]) -> None:
    assert [(gap.reason, str(gap.period)) for gap in find_gaps(OCTOBER, terms)] == expected
