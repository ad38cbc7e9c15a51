"""The night's plan of reminders: who has something open that falls due in three days, or did five days ago."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import Bill
from billing.notices.bills import register_bill_kind
from billing.selectors.outstanding import bill_balances
from core.calendars import get_calendar, moment_of
from dunning.domain.reminders import OpenBill, Reminder, Step, due_days_to_look_at, plan_reminders
from dunning.models import ReminderPolicy
from dunning.selectors import is_payment_data_fresh
from estates.models import Community
from messaging.services import MessagePlan, plan_messages


@dataclass(frozen=True)
class Planned:
    """What one night planned: reminders by community code, and the communities whose data was too old."""

    reminders: dict[str, int]
    stale: list[str]

    def as_figures(self) -> dict[str, Any]:
        """The record of the night."""
        return asdict(self)


def plan_reminders_of(*, day: date) -> Planned:
    """Plan the reminders of a day for every community whose payment data is fresh (F17).

    A second night plans nothing new. A community with stale data is named, and nobody there is reminded:
    they may have paid.
    """
    reminders, stale = {}, []
    for community in Community.objects.order_by("code"):
        policy = _policy_of(community)
        if is_payment_data_fresh(community_id=community.pk, as_of=day, within_days=policy.stale_after_days):
            reminders[community.code] = _plan(community, policy, day)
        else:
            stale.append(community.code)
    return Planned(reminders, stale)


def _policy_of(community: Community) -> ReminderPolicy:
    stored = ReminderPolicy.objects.filter(community=community).first()
    return stored or ReminderPolicy(community=community)


def _plan(community: Community, policy: ReminderPolicy, day: date) -> int:
    first, last = due_days_to_look_at(day, policy.ladder)
    bills = Bill.objects.filter(community=community, due_on__range=(first, last))
    balances = bill_balances(bills, day)
    rows = bills.filter(pk__in=[pk for pk, balance in balances.items() if balance.outstanding > 0])
    found = [OpenBill(*row) for row in rows.values_list("pk", "account__payer_id", "due_on")]
    moment = moment_of(day, policy.remind_at)
    due = plan_reminders(day, found, policy.ladder, get_calendar().next_workday)
    return plan_messages(_plan_of(reminder, community, moment) for reminder in due)


def _plan_of(reminder: Reminder, community: Community, moment: datetime) -> MessagePlan:
    return MessagePlan(
        dedupe_key=f"{community.pk}:{reminder.key}",
        community_id=community.pk,
        person_id=reminder.person_id,
        kind=KINDS[reminder.step].name,
        subjects={"bills": list(reminder.bill_ids)},
        not_before=moment,
    )


KINDS = {
    Step.BEFORE_DUE: register_bill_kind(
        name="dunning.before_due",
        label=_("Reminder before the due day"),
        subject=_("Your bill for {{ month }}"),
        body=_(
            "{{ units }}: the bill for {{ month }} falls due on {{ due_day }}, {{ amount }} yuan. "
            "If you have paid, ignore this. To pay: {{ link }}"
        ),
        is_reminder=True,
    ),
    Step.AFTER_DUE: register_bill_kind(
        name="dunning.after_due",
        label=_("Reminder after the due day"),
        subject=_("Your bill for {{ month }}"),
        body=_(
            "{{ units }}: the bill for {{ month }} was due on {{ due_day }}, {{ amount }} yuan are open; did it "
            "slip your mind? If something is wrong or money is tight, tell us and we will find a way. {{ link }}"
        ),
        is_reminder=True,
    ),
}
