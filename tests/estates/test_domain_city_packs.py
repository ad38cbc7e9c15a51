"""Local rules: what holds where, and from which day the owner pays."""

from datetime import date

import pytest

from estates.domain.city_packs import PACKS, Topic, disclosed_by, find_rule, next_month_since, owner_pays_from

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("topic", Topic)
def test_find_rule_names_an_article_for_every_topic(pack: str, topic: Topic) -> None:
    assert find_rule(pack, topic, TODAY).article


def test_find_rule_before_a_regulation_is_that_of_the_country() -> None:
    assert find_rule("shanghai", Topic.HAND_OVER, date(2019, 12, 31)).value == "from_day"
    assert find_rule("shanghai", Topic.HAND_OVER, date(2020, 1, 1)).value == "next_month"


def test_find_rule_of_an_unknown_pack_is_that_of_the_country() -> None:
    assert find_rule("atlantis", Topic.VACANCY, TODAY).value == "full"


@pytest.mark.parametrize(
    ("pack", "handed_over", "first_day"),
    [
        ("hangzhou", date(2026, 9, 10), date(2026, 9, 10)),
        ("shanghai", date(2026, 9, 10), date(2026, 10, 1)),
        ("shanghai", date(2026, 12, 31), date(2027, 1, 1)),
        ("qingdao", date(2026, 11, 1), date(2026, 12, 1)),
        ("", date(2026, 9, 10), date(2026, 9, 10)),
    ],
)
def test_owner_pays_from(pack: str, handed_over: date, first_day: date) -> None:
    assert owner_pays_from(pack, handed_over) == first_day


def test_next_month_since() -> None:
    assert next_month_since("shanghai") == date(2020, 1, 1)
    assert next_month_since("hangzhou") is None


@pytest.mark.parametrize(
    ("pack", "month", "day"),
    [
        ("hangzhou", date(2026, 1, 1), date(2026, 2, 28)),
        ("hangzhou", date(2026, 11, 1), date(2026, 12, 31)),
        ("hangzhou", date(2026, 12, 1), date(2027, 1, 31)),
        ("hangzhou", date(2022, 2, 28), None),  # the day before the regulation
        ("huzhou", date(2026, 1, 1), date(2027, 12, 31)),
        ("lishui", date(2026, 12, 1), date(2027, 3, 31)),
        ("shanghai", date(2026, 11, 1), None),
        ("", date(2026, 11, 1), None),
    ],
)
def test_disclosed_by(pack: str, month: date, day: date | None) -> None:
    assert disclosed_by(pack, month) == day
