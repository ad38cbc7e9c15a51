"""What each kind of change does to the register, before bills of days gone by are put right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, LateFeePause, UnitChange
from billing.models.changes import ChangeKind
from billing.selectors.hand_over import find_beginning, find_moved
from billing.services.accounts import move_beginning, open_accounts
from billing.services.approval import Approval
from billing.services.corrections import Corrected
from billing.services.late_fees import open_pause
from billing.services.rebilling import rebill_units
from core.errors import ConflictError
from core.events import publish
from core.money import ZERO
from estates.domain.city_packs import owner_pays_from
from estates.services.hand_overs import record_hand_over
from estates.services.transfers import change_owner
from estates.services.unit_facts import grant_vacancy, record_area

NOTHING = Corrected([], [])


class NoAccountError(ConflictError):
    """Nobody pays for the unit on these days, so there is no late fee to pause."""

    code = "no_account"
    message = _("Nobody pays for the unit on these days.")


@dataclass(frozen=True)
class Made:
    """What came of a change: created, updated or unchanged, and how bills of days gone by were put right."""

    fate: str
    corrected: Corrected = NOTHING

    @property
    def difference(self) -> Decimal:
        """What is owed more, or less, for days gone by."""
        more = sum((bill.total for bill in self.corrected.bills), ZERO)
        return more - sum((row.amount for row in self.corrected.reductions), ZERO)


@transaction.atomic
def make_change(*, change: UnitChange, approval: Approval) -> Made:
    """Write what a change says, and correct what was billed from the old facts. Written before, nothing happens.

    Raises NothingToTransferError, LaterOwnerError, VacancyOverlapsError, NoAccountError.
    """
    # Before the change is written: afterwards the register no longer says what was billed from.
    since = _find_first_day(change)
    fate = MAKERS[ChangeKind(change.kind)](change, approval)
    if fate == "unchanged" or change.kind == ChangeKind.PAUSE:
        return Made(fate)
    corrected = rebill_units(
        community=change.community, unit_ids=[change.unit_id], since=since, approval=approval
    )
    return Made(fate, corrected)


def _find_first_day(change: UnitChange) -> date:
    """Return the first day whose charges the change may alter, judged by the register before the change."""
    if change.kind == ChangeKind.HAND_OVER:
        return find_moved(change.unit, change.first_day) or change.first_day
    return change.first_day


def _transfer(change: UnitChange, approval: Approval) -> str:
    """Change the owner, and the account with it; old debts stay where they are."""
    before = _account_on(change)
    transfer = change_owner(
        unit=change.unit,
        first_day=change.first_day,
        name=change.name,
        phone=change.phone,
        reason=change.reason,
        by=approval.requested_by,
    )
    if transfer.fate == "unchanged":
        return transfer.fate
    open_accounts(community=change.community, as_of=change.first_day)
    after = _account_on(change)
    publish(
        "billing.unit_transferred",
        change_id=change.pk,
        old_account_id=before and before.pk,
        new_account_id=after and after.pk,
    )
    return transfer.fate


def _hand_over(change: UnitChange, approval: Approval) -> str:
    """Write the hand-over down; developer and owner pay until and from the day that follows from it."""
    was = find_beginning(change.unit)
    since = find_moved(change.unit, change.first_day)
    record_hand_over(
        unit=change.unit,
        on=change.first_day,
        was_refused=change.was_refused,
        reason=change.reason if change.was_refused else "",
        by=approval.requested_by,
        now=approval.now,
    )
    if since is None:
        return "updated"
    begins = owner_pays_from(change.community.city_pack, change.first_day)
    move_beginning(change.unit, was=was, begins=begins)
    open_accounts(community=change.community, as_of=since)
    return "updated"


def _account_on(change: UnitChange) -> ChargeAccount | None:
    return ChargeAccount.objects.filter(unit=change.unit).on(change.first_day).first()


def _facts(change: UnitChange, approval: Approval) -> dict[str, Any]:
    return {
        "unit": change.unit,
        "first_day": change.first_day,
        "last_day": change.last_day,
        "reason": change.reason,
        "by": approval.requested_by,
        "approved_by": approval.approved_by,
        "now": approval.now,
    }


def _measure(change: UnitChange, approval: Approval) -> str:
    assert change.value is not None, "a measured area has a value"
    return record_area(area_m2=change.value, **_facts(change, approval))


def _vacate(change: UnitChange, approval: Approval) -> str:
    assert change.value is not None, "a vacancy has a share"
    return grant_vacancy(share=change.value, **_facts(change, approval))


def _pause(change: UnitChange, approval: Approval) -> str:
    """Let the late fee rest for everybody who pays for the unit on these days."""
    days = (change.first_day, change.last_day or date.max)
    accounts = list(ChargeAccount.objects.filter(unit=change.unit).overlapping(*days))
    if not accounts:
        raise NoAccountError()
    held = LateFeePause.objects.standing().filter(
        account__in=accounts, first_day=change.first_day, last_day=change.last_day
    )
    missing = [account for account in accounts if account.pk not in held.values_list("account", flat=True)]
    for account in missing:
        open_pause(
            account=account,
            first_day=change.first_day,
            last_day=change.last_day,
            reason=change.reason,
            source=approval.source,
            approved_by=approval.approved_by,
            now=approval.now,
            by=approval.requested_by,
        )
    return "created" if missing else "unchanged"


MAKERS: Mapping[ChangeKind, Callable[[UnitChange, Approval], str]] = {
    ChangeKind.TRANSFER: _transfer,
    ChangeKind.VACANCY: _vacate,
    ChangeKind.PAUSE: _pause,
    ChangeKind.AREA: _measure,
    ChangeKind.HAND_OVER: _hand_over,
}
