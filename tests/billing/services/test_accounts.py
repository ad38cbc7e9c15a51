"""Accounts follow the register: owners, developers, transfers, hand-overs."""

from datetime import UTC, date, datetime

import pytest

from billing.models import ChargeAccount
from billing.services.accounts import AccountChanges, open_accounts
from estates.models import Occupancy, Person
from estates.services.hand_overs import RefusalWithoutReasonError, record_hand_over
from tests.billing.village import LONG_AGO, Village

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2026, 9, 1)


@pytest.fixture
def village() -> Village:
    return Village()


@pytest.fixture
def developer(village: Village) -> Person:
    village.community.developer = Person.objects.create(company=village.company, name="开发商", kind="legal")
    village.community.save()
    return village.community.developer


def accounts() -> list[tuple[str, date, date | None]]:
    found = ChargeAccount.objects.order_by("unit__code", "start")
    return [(a.payer.name.split()[0], a.start, a.end) for a in found.select_related("payer")]


def open_now(village: Village, day: date = SEPTEMBER) -> AccountChanges:
    return open_accounts(community=village.community, as_of=day)


def test_open_accounts_for_the_payer(village: Village) -> None:
    village.unit("8-301")
    assert open_now(village) == AccountChanges(opened=1, closed=0, adjusted=0)
    assert accounts() == [("张三", LONG_AGO, None)]
    assert open_now(village) == AccountChanges(opened=0, closed=0, adjusted=0)


def test_open_accounts_for_the_first_owner_where_nobody_is_marked(village: Village) -> None:
    unit = village.unit("8-301", owner=None)
    for name, start in (("乙", date(2022, 1, 1)), ("甲", date(2021, 1, 1))):
        person = Person.objects.create(company=village.company, name=name)
        Occupancy.objects.create(unit=unit, person=person, start=start)
    open_now(village)
    assert accounts() == [("甲", date(2021, 1, 1), None)]


def test_open_accounts_of_unsold_units_for_the_developer(village: Village, developer: Person) -> None:
    village.unit("8-301", owner=None, state="unsold")
    village.unit("8-302", state="not_handed_over")
    open_now(village)
    assert accounts() == [("开发商", SEPTEMBER, None), ("开发商", SEPTEMBER, None)]


def test_open_accounts_without_anybody_opens_none(village: Village) -> None:
    village.unit("8-301", owner=None)
    village.unit("8-302", owner=None, state="unsold")
    assert open_now(village) == AccountChanges(opened=0, closed=0, adjusted=0)


def test_open_accounts_follows_a_transfer(village: Village) -> None:
    unit = village.unit("8-301")
    open_now(village)
    Occupancy.objects.filter(unit=unit).update(end=date(2026, 9, 11))
    village.holds(unit, "李四", start=date(2026, 9, 11))
    open_now(village)
    assert accounts() == [("张三", LONG_AGO, date(2026, 9, 11)), ("李四", date(2026, 9, 11), None)]


def test_open_accounts_follows_a_hand_over(village: Village, developer: Person) -> None:
    unit = village.unit("8-301", state="not_handed_over")
    open_now(village, date(2026, 8, 1))
    unit.state, unit.handed_over_on = "occupied", date(2026, 9, 15)
    unit.save()
    assert open_now(village) == AccountChanges(opened=1, closed=1, adjusted=0)
    assert accounts() == [
        ("开发商", date(2026, 8, 1), date(2026, 9, 15)),
        ("张三", date(2026, 9, 15), None),
    ]


def test_open_accounts_hand_over_inside_the_month_of_the_first_import(
    village: Village, developer: Person
) -> None:
    village.unit("8-301", handed_over_on=date(2026, 9, 15))
    village.unit("8-302", handed_over_on=date(2026, 8, 15))
    open_now(village)
    assert accounts() == [
        ("开发商", SEPTEMBER, date(2026, 9, 15)),
        ("张三", date(2026, 9, 15), None),
        ("张三", date(2026, 8, 15), None),
    ]


def test_open_accounts_ends_with_the_occupancy(village: Village) -> None:
    unit = village.unit("8-301")
    open_now(village)
    Occupancy.objects.filter(unit=unit).update(end=date(2026, 10, 1))
    assert open_now(village) == AccountChanges(opened=0, closed=0, adjusted=1)
    assert accounts() == [("张三", LONG_AGO, date(2026, 10, 1))]


def test_open_accounts_replaces_a_payer_who_was_wrong_from_the_start(village: Village) -> None:
    unit = village.unit("8-301")
    open_now(village)
    Occupancy.objects.filter(unit=unit).delete()
    village.holds(unit, "李四")
    open_now(village)
    assert accounts() == [("张三", LONG_AGO, SEPTEMBER), ("李四", SEPTEMBER, None)]


def test_open_accounts_for_earlier_days_begins_the_developers_accounts_earlier(
    village: Village, developer: Person
) -> None:
    village.unit("8-301", owner=None, state="unsold")
    open_now(village, date(2026, 11, 12))
    assert open_now(village, SEPTEMBER) == AccountChanges(opened=0, closed=0, adjusted=1)
    assert accounts() == [("开发商", SEPTEMBER, None)]
    assert open_now(village, date(2026, 11, 12)) == AccountChanges(opened=0, closed=0, adjusted=0)


def test_open_accounts_after_an_earlier_hand_over_moves_the_border_between_two_payers(
    village: Village, developer: Person
) -> None:
    unit = village.unit("8-301", handed_over_on=date(2026, 9, 15))
    ChargeAccount.objects.create(
        community=village.community, unit=unit, payer=developer, start=LONG_AGO, end=date(2026, 10, 1)
    )
    owner = Occupancy.objects.get().person
    ChargeAccount.objects.create(
        community=village.community, unit=unit, payer=owner, start=date(2026, 10, 1), end=None
    )
    open_now(village)
    assert accounts() == [("开发商", LONG_AGO, date(2026, 9, 15)), ("张三", date(2026, 9, 15), None)]


@pytest.mark.parametrize(
    ("pack", "handed_over", "first_day"),
    [
        ("", date(2026, 9, 15), date(2026, 9, 15)),
        ("hangzhou", date(2026, 9, 15), date(2026, 9, 15)),
        ("shanghai", date(2026, 9, 15), date(2026, 10, 1)),
        ("shanghai", date(2026, 9, 1), date(2026, 10, 1)),
        ("lishui", date(2026, 12, 31), date(2027, 1, 1)),
    ],
)
def test_open_accounts_begins_where_local_rules_say(
    village: Village, developer: Person, pack: str, handed_over: date, first_day: date
) -> None:
    village.community.city_pack = pack
    village.community.save()
    village.unit("8-301", handed_over_on=handed_over)
    open_now(village)
    assert accounts() == [("开发商", SEPTEMBER, first_day), ("张三", first_day, None)]


def test_refused_hand_over_makes_the_owner_pay(village: Village, developer: Person) -> None:
    unit = village.unit("8-301", state="not_handed_over")
    now = datetime(2026, 9, 20, tzinfo=UTC)
    with pytest.raises(RefusalWithoutReasonError):
        record_hand_over(unit=unit, on=date(2026, 9, 15), was_refused=True, by="前台", now=now)
    reason = "9 月 1 日书面通知收房，无故未到"
    record_hand_over(unit=unit, on=date(2026, 9, 15), was_refused=True, reason=reason, by="前台", now=now)
    open_now(village)
    assert accounts() == [("开发商", SEPTEMBER, date(2026, 9, 15)), ("张三", date(2026, 9, 15), None)]
    unit.refresh_from_db()
    assert (unit.state, unit.hand_over.reason) == ("vacant", reason)
