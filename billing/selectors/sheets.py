"""Bills as their paper shows them: the letter, the lines opened, what is still to pay, how to pay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.domain.sheets import (
    BankAccount,
    BillSheet,
    BillSheetLine,
    Contact,
    DiscountLine,
    Letterhead,
    Phrase,
)
from billing.explaining.changes import main_cause, tell_change
from billing.explaining.discounts import DiscountView, list_discounts
from billing.explaining.steps import StepText, tell_steps_on_paper
from billing.links import make_pay_link
from billing.models import Bill
from billing.selectors.explained import ExplainedBill, ExplainedLine, explain_bills
from billing.selectors.outstanding import bills_with_outstanding
from core.figures import format_period
from core.periods import Period
from core.phones import mask_name
from estates.models import Community


def list_bill_sheets(bills: QuerySet[Bill], as_of: date) -> list[BillSheet]:
    """The paper of issued bills in walking order, in the language in use; void ones and drafts are left out.

    Walking order is building, stair, floor and door, as the unit's sort key has it. A handful of queries
    however many bills. ``as_of`` is the day of what is still to pay.
    """
    found = bills_with_outstanding(bills, as_of).select_related(
        "account__unit__building", "account__payer", "community__company"
    )
    in_order = list(found.order_by("account__unit__building__sort_key", "account__unit__sort_key", "pk"))
    opened = explain_bills([bill.pk for bill in in_order])
    discounts = list_discounts(opened, as_of)
    return [
        _sheet(bill, opened[bill.pk], [row for row in discounts if row.bill_id == bill.pk], as_of)
        for bill in in_order
    ]


def _sheet(bill: Any, opened: ExplainedBill, given: Sequence[DiscountView], as_of: date) -> BillSheet:
    unit, community = bill.account.unit, bill.community
    discounts = tuple(DiscountLine(row.item, row.name, _phrases(row.steps[:-1]), row.amount) for row in given)
    return BillSheet(
        letterhead=letterhead_of(community),
        number=bill.number,
        period=Period(bill.period_start, bill.period_end),
        issued_on=bill.issued_on,
        due_on=bill.due_on,
        as_of=as_of,
        unit=unit.label,
        room=unit.room,
        address=_address(community, unit.label, bill.account.payer.name),
        lines=tuple(_line(line) for line in opened.lines),
        pay_url=make_pay_link([bill.pk], bill.issued_on),
        steward=Contact(mask_name(community.steward_name), community.service_phone),
        change=opened.change,
        main_cause=main_cause(opened.changes),
        paid=bill.total - bill.outstanding - sum(row.amount for row in given),
        discounts=discounts,
        notes=tell_other_periods(bill, opened.lines, as_of),
        bank=_bank_of(community),
    )


def letterhead_of(community: Community) -> Letterhead:
    """Who writes: the community's service centre."""
    return Letterhead(community.name, community.address, community.service_phone, community.service_hours)


def _address(community: Community, unit: str, payer: str) -> tuple[str, ...]:
    """What the window of the envelope shows: place and masked name, nothing that says it is about money."""
    city = "" if community.address.startswith(community.city) else community.city
    place = f"{city}{community.address} {community.name}".strip()
    return place, unit, pgettext("on an envelope", "To %(name)s") % {"name": mask_name(payer)}


def _bank_of(community: Community) -> BankAccount | None:
    company = community.company
    if not company.bank_account:
        return None
    return BankAccount(company.name, company.bank_name, company.bank_account)


def _line(line: ExplainedLine) -> BillSheetLine:
    return BillSheetLine(
        name=line.name,
        how=_phrases(tell_steps_on_paper(line.explanation, name=line.name)),
        amount=line.amount,
        change=line.change.amount if line.change else None,
        change_note=tell_change(line.change) if line.change else "",
    )


def _phrases(steps: Iterable[StepText]) -> tuple[Phrase, ...]:
    """The steps as one running sentence, the sum itself strong and last."""
    phrases: list[Phrase] = []
    for step in steps:
        if phrases:
            phrases.append(Phrase(pgettext("between steps on paper", "; ")))
        phrases.append(Phrase(_say(step), step.is_result))
        if step.note:
            phrases.append(Phrase(pgettext("on paper", " (%(note)s)") % {"note": step.note}))
    return tuple(phrases)


def _say(step: StepText) -> str:
    """A step in one breath: a formula equals its value, a thing has it; the result's value stands in the column."""
    if step.is_result:
        return step.label
    return f"{step.label} {'= ' if '×' in step.label else ''}{step.value}"


def tell_other_periods(bill: Bill, lines: Iterable[ExplainedLine], as_of: date) -> tuple[str, ...]:
    """Which days the items cover when they are not those of the bill: meters are read after the event."""
    own = Period(bill.period_start, bill.period_end)
    others: dict[Period, list[str]] = {}
    for line in lines:
        if line.period != own:
            others.setdefault(line.period, []).append(line.name)
    return tuple(
        _("%(items)s: for %(period)s.")
        % {
            "items": pgettext("between names", ", ").join(dict.fromkeys(names)),
            "period": format_period(period, as_of),
        }
        for period, names in others.items()
    )
