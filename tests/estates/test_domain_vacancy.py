"""What an empty unit still owes, by contract and local rule, and what counts as use."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from estates.domain.city_packs import Topic, find_rule
from estates.domain.vacancy import (
    Case,
    Offer,
    Terms,
    VacancyStepError,
    add_months,
    make_offer,
    next_state,
    shows_use,
)
from estates.models import EntitlementState

DAY = date(2026, 11, 1)
FLAT = Case("high_rise", empty_since=date(2026, 1, 15), applied_on=DAY)
SEVENTY = Terms(Decimal("0.7"), months=3, clause="合同第十二条")


def offer(pack: str, terms: Terms, case: Case = FLAT) -> Offer:
    return make_offer(case, terms, find_rule(pack, Topic.VACANCY, DAY))


@pytest.mark.parametrize(
    ("pack", "terms", "is_early", "share", "refusal"),
    [
        ("", Terms(), False, "1", "nothing_agreed"),  # Civil Code 944
        ("lishui", Terms(), True, "1", "nothing_agreed"),
        ("shandong", Terms(), True, "1", "nothing_agreed"),
        ("", SEVENTY, False, "0.7", ""),
        ("shandong", SEVENTY, False, "0.7", ""),
        ("liaocheng", Terms(), False, "1", "share_missing"),  # less is due, how much is not set
        ("liaocheng", SEVENTY, False, "0.7", ""),
        ("binzhou", Terms(), True, "0.6", ""),  # 60 % at most
        ("binzhou", SEVENTY, True, "0.6", ""),
        ("binzhou", Terms(Decimal("0.5")), True, "0.5", ""),
        ("binzhou", Terms(), False, "1", "nothing_agreed"),  # the rule is about early contracts
        ("binzhou", SEVENTY, False, "0.7", ""),
    ],
)
def test_make_offer_takes_the_better_of_contract_and_local_rule(
    pack: str, terms: Terms, is_early: bool, share: str, refusal: str
) -> None:
    case = Case("high_rise", FLAT.empty_since, DAY, is_early)
    found = offer(pack, terms, case)
    assert (found.share, found.refusal) == (Decimal(share), refusal)


@pytest.mark.parametrize(
    ("pack", "months", "empty_since", "backdates", "start"),
    [
        ("", 3, date(2026, 1, 15), False, DAY),  # the months are long full: from the application on
        ("", 3, date(2026, 1, 15), True, date(2026, 4, 15)),
        ("", 3, date(2026, 9, 10), False, date(2026, 12, 10)),
        ("", 12, date(2026, 9, 10), True, date(2027, 9, 10)),
        ("liaocheng", 12, date(2026, 9, 10), True, date(2027, 3, 10)),  # six months are enough by law
        ("liaocheng", 3, date(2026, 9, 10), True, date(2026, 12, 10)),
        ("", 0, date(2026, 11, 1), False, DAY),
    ],
)
def test_make_offer_begins_when_the_months_are_full(
    pack: str, months: int, empty_since: date, backdates: bool, start: date
) -> None:
    terms = Terms(Decimal("0.7"), months, backdates=backdates)
    assert offer(pack, terms, Case("high_rise", empty_since, DAY)).start == start


def test_make_offer_is_for_the_kinds_the_contract_names() -> None:
    terms = Terms(Decimal("0.7"), 3, frozenset({"high_rise", "villa"}))
    assert offer("", terms).refusal == ""
    assert offer("", terms, Case("shop", FLAT.empty_since, DAY)).refusal == "kind"


def test_make_offer_names_its_texts() -> None:
    assert offer("liaocheng", SEVENTY).articles == ("合同第十二条", "《聊城市物业管理条例》第四十条")
    assert offer("", Terms()).articles == ("《民法典》第九百四十四条",)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 6, 30), 18, date(2027, 12, 30)),
    ],
)
def test_add_months_clamps_to_the_end_of_the_month(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.parametrize(
    ("use", "days", "is_use"), [("1", 30, False), ("1.0001", 30, True), ("0", 1, False), ("0.04", 1, True)]
)
def test_shows_use_above_the_threshold_of_thirty_days(use: str, days: int, is_use: bool) -> None:
    assert shows_use(Decimal(use), days, Decimal(1)) is is_use


@pytest.mark.parametrize(
    ("state", "possible"),
    [
        ("applied", {"inspect": "inspected", "refuse": "refused"}),  # nobody has been there: not approved
        ("inspected", {"inspect": "inspected", "approve": "approved", "refuse": "refused"}),
        ("approved", {"end": "ended"}),
        ("refused", {}),
        ("ended", {}),
    ],
)
def test_next_state_knows_these_steps_and_no_other(state: str, possible: dict[str, str]) -> None:
    for step in ("apply", "inspect", "approve", "refuse", "end"):
        if step in possible:
            assert next_state(state, step) == possible[step]
        else:
            with pytest.raises(VacancyStepError):
                next_state(state, step)


def test_every_state_stands_in_the_table_above() -> None:
    assert set(EntitlementState.values) == {"applied", "inspected", "approved", "refused", "ended"}
