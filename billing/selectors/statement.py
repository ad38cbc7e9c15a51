"""The account statement of an account, a unit or a person, from the rows that moved it (B13).

An amount that settles a bill counts from the day the bill is owed, so what a statement closes with is what
``billing.selectors.outstanding`` says is open on that day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.domain.statement import Entry, Kind, Row, Statement, draw_up
from billing.explaining.changes import main_cause
from billing.models import Allocation, Bill, ChargeAccount, Waiver
from billing.selectors.explained import explain_bills
from billing.sources import name_sources
from core.figures import format_comparison, format_period
from core.periods import Period


@dataclass(frozen=True)
class Movement:
    """A payment or a credit in words: the day, what it was, and the amount."""

    day: date
    words: str
    amount: Decimal


@dataclass(frozen=True)
class StatementRow:
    """A row of a statement in the reader's language.

    label: the period charged, or what else happened; bills: numbers of the bills charged or taken back; change: how
    they compare with the period before.
    """

    label: str
    bills: tuple[str, ...]
    figures: Row
    payments: tuple[Movement, ...]
    credits: tuple[Movement, ...]
    change: str


@dataclass(frozen=True)
class AccountStatement:
    """A statement in the reader's language; the figures keep opening + charged − paid − credited = closing."""

    figures: Statement
    rows: tuple[StatementRow, ...]

    @property
    def payment_count(self) -> int:
        """How many payments stand on it."""
        return sum(len(row.payments) for row in self.rows)

    @property
    def credit_count(self) -> int:
        """How many times something was given up."""
        return sum(len(row.credits) for row in self.rows)

    @property
    def bill_count(self) -> int:
        """How many bills it has."""
        return len({number for row in self.rows for number in row.bills})


def accounts_of_unit(account: ChargeAccount) -> QuerySet[ChargeAccount]:
    """All accounts of the account's unit, of whoever paid for it."""
    return ChargeAccount.objects.filter(unit=account.unit_id)


def accounts_of_payer(account: ChargeAccount) -> QuerySet[ChargeAccount]:
    """All accounts of the account's payer in the same community."""
    return ChargeAccount.objects.filter(payer=account.payer_id, community=account.community_id)


def default_span(as_of: date) -> tuple[date, date]:
    """The twelve months up to a day: from the first of the same month last year."""
    return date(as_of.year - 1, as_of.month, 1), as_of


def get_statement(account_ids: Collection[int], first: date, last: date) -> AccountStatement:
    """Return the statement of these accounts together, both days inclusive, in the language in use.

    A dozen queries, however long the span.
    """
    statement = draw_up(_entries(account_ids), first, last)
    ids = {entry.bill_id for row in statement.rows for entry in row.entries if entry.bill_id}
    words = _Words(Bill.objects.select_related("account__unit__building").in_bulk(ids), statement, last)
    return AccountStatement(statement, tuple(words.tell(row) for row in statement.rows))


def _entries(account_ids: Collection[int]) -> Iterator[Entry]:
    bills = Bill.objects.filter(account__in=account_ids, issued_on__isnull=False)
    issued = bills.annotate(owed_from=F("issued_on"), owed_until=Greatest("voided_on", "issued_on"))
    for pk, total, first, until, voided_on in issued.values_list(
        "pk", "total", "owed_from", "owed_until", "voided_on"
    ):
        yield Entry(first, "charge", total, pk)
        if voided_on:
            yield Entry(until, "charge", -total, pk)
    chosen = Q(line__bill__account__in=account_ids, line__bill__issued_on__isnull=False)
    yield from _settling(Allocation.objects.filter(chosen), "payment", "source")
    yield from _settling(Waiver.objects.filter(chosen), "credit", "reason")


def _settling(rows: QuerySet[Any], kind: Kind, words: str) -> Iterator[Entry]:
    """Amounts of one deed and day together, from the day the bill is owed; deeds taken back the same day are gone."""
    days = rows.annotate(day=Greatest("value_day", "line__bill__issued_on")).order_by("day")
    sums = days.values("day", words).annotate(sum=Sum("amount"))
    for row in sums:
        if row["sum"]:
            yield Entry(row["day"], kind, row["sum"], **{words: row[words]})


class _Words:
    """Puts the rows of one statement into words, everything about its bills and deeds read at once."""

    def __init__(self, bills: dict[int, Bill], statement: Statement, as_of: date) -> None:
        self.bills, self.as_of = bills, as_of
        self.opened = explain_bills(list(bills))
        entries = [entry for row in statement.rows for entry in row.entries]
        self.sources = name_sources({entry.source for entry in entries if entry.kind == "payment"})
        self.many_units = len({bill.account.unit_id for bill in bills.values()}) > 1

    def tell(self, row: Row) -> StatementRow:
        """One row in words."""
        charged = [entry for entry in row.entries if entry.kind == "charge"]
        return StatementRow(
            label=pgettext("between names", ", ").join(map(self._label, charged))
            or _("before the first bill"),
            bills=tuple(dict.fromkeys(self.bills[entry.bill_id].number for entry in charged)),
            figures=row,
            payments=tuple(self._movement(entry) for entry in row.entries if entry.kind == "payment"),
            credits=tuple(self._movement(entry) for entry in row.entries if entry.kind == "credit"),
            change=pgettext("between names", ", ").join(filter(None, map(self._change, charged))),
        )

    def _label(self, entry: Entry) -> str:
        bill = self.bills[entry.bill_id]
        period = format_period(Period(bill.period_start, bill.period_end), self.as_of)
        unit = f"{bill.account.unit.label} " if self.many_units else ""
        if entry.amount < 0:
            return _("%(bill)s taken back") % {"bill": f"{unit}{period}"}
        return f"{unit}{period}"

    def _change(self, entry: Entry) -> str:
        opened = self.opened[entry.bill_id]
        if opened.change is None or entry.amount < 0:
            return ""
        return format_comparison(opened.change, main_cause(opened.changes))

    def _movement(self, entry: Entry) -> Movement:
        words = self.sources[entry.source] if entry.kind == "payment" else entry.reason
        return Movement(
            entry.day, words if entry.amount > 0 else _("%(deed)s taken back") % {"deed": words}, entry.amount
        )
