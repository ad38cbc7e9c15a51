"""Takes an import of opening balances back, while nothing hangs on it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing import wording
from billing.models import (
    Allocation,
    Bill,
    BillState,
    ChargeAccount,
    ChargeLine,
    OpeningImport,
    OpeningItem,
    OpeningKind,
    Waiver,
)
from billing.selectors.late_fee_lines import find_bearing
from billing.selectors.settling import find_settled
from billing.services.locking import lock_accounts
from billing.services.opening_keepers import HeldDeposit, Holdings, get_keeper
from core import audit
from core.errors import ConflictError, Problem
from ledger.models import JournalEntry
from ledger.services import reverse

SHOWN = 10


class OpeningUndoneError(ConflictError):
    """The import was taken back before."""

    code = "billing.opening_undone"
    message = gettext_lazy("This import has been undone already.")


class OpeningInUseError(ConflictError):
    """Something hangs on what the import brought in; the problems say what, kind by kind."""

    code = "billing.opening_in_use"


@transaction.atomic
def undo_opening(*, record: OpeningImport, day: date, now: datetime, by: Any) -> OpeningImport:
    """Take an import back on a day: its bills are void, its entry reversed, its facts free to come in again.

    Refused with a list of what hangs on it as soon as money, a reduction or a correction came after.

    Raises OpeningUndoneError, OpeningInUseError, PeriodClosedError.
    """
    record = (
        OpeningImport.objects.select_for_update(of=("self",)).select_related("community").get(pk=record.pk)
    )
    if record.undone_at:
        raise OpeningUndoneError()
    items = OpeningItem.objects.filter(opening=record)
    lock_accounts(set(items.values_list("account", flat=True)))
    if problems := list_hanging(record):
        listed = wording.join(str(problem.message) for problem in problems)
        raise OpeningInUseError(
            _("This cannot be undone any more: %(what)s.") % {"what": listed}, problems=problems
        )
    _take_back(record, items, day, now)
    record.undone_by, record.undone_at = str(by or "")[:150], now
    record.save(update_fields=["undone_by", "undone_at"])
    audit.record(
        action="billing.undo_opening",
        target=record,
        by=by,
        community_id=record.community_id,
        reason=record.file_name,
    )
    return record


def list_hanging(record: OpeningImport) -> list[Problem]:
    """Return what hangs on an import: one problem a kind, with the units it is about."""
    lines = OpeningItem.objects.filter(opening=record, line__isnull=False).values("line")
    holdings = _holdings(record)
    line_ids = list(lines.values_list("line", flat=True))
    found = {
        "opening_paid": _accounts_of(find_settled(Allocation, lines)),
        "opening_reduced": _accounts_of(find_settled(Waiver, lines)),
        "opening_corrected": _corrected(record, line_ids),
        "opening_late_fee": _accounts_of(_bearing(line_ids)),
        "opening_being_paid": _accounts_of(get_keeper().find_busy_lines(line_ids=line_ids)),
        "opening_prepayment_used": set(get_keeper().find_spent(holdings=holdings)),
        "opening_deposit_given_back": set(get_keeper().find_given_back(holdings=holdings)),
    }
    return [_problem(code, accounts) for code, accounts in found.items() if accounts]


def _corrected(record: OpeningImport, line_ids: Collection[int]) -> set[int]:
    after = ChargeLine.objects.filter(
        bill__community=record.community_id,
        bill__state=BillState.ISSUED,
        inputs__corrects__line__in=list(line_ids),
    )
    return set(after.values_list("bill__account", flat=True))


def _bearing(line_ids: Collection[int]) -> Collection[int]:
    bearing = find_bearing(ChargeLine.objects.filter(pk__in=list(line_ids)))
    return list(bearing.values_list("pk", flat=True))


def _accounts_of(line_ids: Collection[int]) -> set[int]:
    return set(ChargeLine.objects.filter(pk__in=list(line_ids)).values_list("bill__account", flat=True))


def _problem(code: str, account_ids: Collection[int]) -> Problem:
    units = (
        ChargeAccount.objects.filter(pk__in=account_ids)
        .order_by("unit__sort_key")
        .annotate(code=F("unit__code"))
    )
    codes = list(dict.fromkeys(units.values_list("code", flat=True)))
    words = {"count": len(codes), "units": wording.join(codes[:SHOWN])}
    return Problem(code, str(wording.HANGING[code]) % words, {"units": "、".join(codes)}, True)


def _holdings(record: OpeningImport) -> Holdings:
    items = OpeningItem.objects.filter(opening=record).order_by("pk")
    prepaid = items.filter(kind=OpeningKind.PREPAID).order_by().values_list("account")
    deposits = items.filter(kind=OpeningKind.DEPOSIT).values_list("account", "fee_name", "amount")
    return Holdings(
        record.community_id,
        record.source,
        dict(prepaid.annotate(sum=Sum("amount"))),
        [HeldDeposit(*row) for row in deposits],
    )


def _take_back(record: OpeningImport, items: QuerySet[OpeningItem], day: date, now: datetime) -> None:
    bills = Bill.objects.filter(lines__opening__opening=record, state=BillState.ISSUED)
    Bill.objects.filter(pk__in=bills.values("pk")).update(state=BillState.VOID, voided_on=day)
    get_keeper().take_back(holdings=_holdings(record), day=day, now=now)
    entry = JournalEntry.objects.filter(company_id=record.community.company_id, source=record.source).first()
    if entry:
        reverse(entry=entry, booked_on=day, source=f"{record.source}:undone", memo=record.file_name[:200])
    items.update(is_undone=True)
