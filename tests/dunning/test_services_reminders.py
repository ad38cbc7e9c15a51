"""The night's reminders, told as the story of one bill due on Friday 20 November."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from dunning.models import ReminderPolicy
from dunning.services import plan_reminders_of
from messaging.channels import switchboard
from messaging.models import OutboundMessage
from messaging.services import deliver
from payments.models import BillFileRead, Channel
from payments.services.cash_desk import take_cash
from tests.payments.world import World, make_world
from users.models import User

BEIJING = ZoneInfo("Asia/Shanghai")
THREE_DAYS_BEFORE, FIVE_DAYS_AFTER = date(2026, 11, 17), date(2026, 11, 25)


@pytest.fixture
def world(db, settings, tmp_path) -> Iterator[World]:
    """One bill of 309.45 yuan due on 20 November; the platforms' files are read up to the 24th."""
    settings.STATE_DIR, settings.MESSAGE_CHANNELS = tmp_path, ["file"]
    switchboard.list_channels.cache_clear()
    world = make_world()
    for account in world.accounts:
        account.payer.phone = f"1380000{account.payer_id:04d}"
        account.payer.save()
    world.bill(world.accounts[2], "309.45")
    files_read_up_to(world, date(2026, 11, 24))
    yield world
    switchboard.list_channels.cache_clear()


def files_read_up_to(world: World, day: date) -> None:
    for merchant in (world.wechat, world.alipay):
        BillFileRead.objects.create(
            merchant=merchant, day=day, record_count=0, amount=Decimal(), read_at=datetime.now(BEIJING)
        )


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)


def states() -> list[tuple[str, str]]:
    return list(OutboundMessage.objects.order_by("id").values_list("kind", "state"))


def nights(first: date, last: date) -> dict[str, int]:
    """Plan and deliver day after day; return how many were planned on which day."""
    planned = {}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for count in plan_reminders_of(day=day).reminders.values():
            if count:
                planned[day.isoformat()] = count
        deliver(now=at(day, 12))
    return planned


def test_an_unpaid_bill_hears_twice_and_then_nothing(world):
    assert nights(date(2026, 11, 10), date(2026, 12, 5)) == {"2026-11-17": 1, "2026-11-25": 1}
    assert states() == [("dunning.before_due", "sent"), ("dunning.after_due", "sent")]


def test_a_second_night_plans_nothing_new(world):
    assert plan_reminders_of(day=THREE_DAYS_BEFORE).reminders == {"yunshan": 1}
    assert plan_reminders_of(day=THREE_DAYS_BEFORE).reminders == {"yunshan": 0}


def test_a_bill_paid_a_second_earlier_gets_no_reminder(world):
    plan_reminders_of(day=THREE_DAYS_BEFORE)
    clerk = User.objects.create(username="chen", is_staff=True)
    moment = at(THREE_DAYS_BEFORE, 10)
    take_cash(account=world.accounts[2], amount=Decimal("309.45"), channel=Channel.CASH, by=clerk, now=moment)

    assert deliver(now=moment + timedelta(seconds=1)) == {"dropped": 1}


def test_a_paid_bill_is_not_even_planned(world):
    clerk = User.objects.create(username="chen", is_staff=True)
    take_cash(
        account=world.accounts[2],
        amount=Decimal("309.45"),
        channel=Channel.CASH,
        by=clerk,
        now=at(date(2026, 11, 16), 10),
    )
    assert nights(date(2026, 11, 16), date(2026, 11, 30)) == {}


def test_nobody_is_reminded_on_stale_payment_data(world):
    BillFileRead.objects.filter(merchant=world.alipay).delete()
    BillFileRead.objects.create(
        merchant=world.alipay,
        day=date(2026, 11, 21),
        record_count=0,
        amount=Decimal(),
        read_at=at(FIVE_DAYS_AFTER, 1),
    )
    planned = plan_reminders_of(day=FIVE_DAYS_AFTER)
    assert (planned.reminders, planned.stale) == ({}, ["yunshan"])


def test_data_as_old_as_the_policy_allows_is_fresh(world):
    ReminderPolicy.objects.create(community=world.community, stale_after_days=1)
    assert plan_reminders_of(day=FIVE_DAYS_AFTER).reminders == {"yunshan": 1}


def test_a_platform_whose_files_were_never_read_is_stale(world):
    BillFileRead.objects.all().delete()
    assert plan_reminders_of(day=THREE_DAYS_BEFORE).stale == ["yunshan"]


def test_the_reminder_speaks_kindly_and_in_chinese(world):
    plan_reminders_of(day=FIVE_DAYS_AFTER)
    deliver(now=at(FIVE_DAYS_AFTER, 12))
    body = OutboundMessage.objects.get().body
    assert "309.45 元" in body
    assert "是不是忙忘了" in body
