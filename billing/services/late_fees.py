"""Where and when a late fee rests. Plans, disputes and imports write pauses here from above; nothing else stops a fee.

A pause is a dated fact: the fee is worked out again from all of them whenever somebody asks, also of past days. Taking
a pause back leaves the row, so that who believed what, and when, can be read later.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import ChargeAccount, ChargeLine, LateFeePause
from billing.models.late_fees import PauseCause
from billing.services.approval import refuse_same_person
from core import audit
from core.errors import ConflictError, InvalidError


class PauseEndsEarlyError(InvalidError):
    """The last day of a pause lies before its first, or a judgment was to end."""

    code = "billing.pause_ends_early"
    message = _("The last day lies before the first day.")


class PauseClosedError(ConflictError):
    """The pause has another last day, or was taken back."""

    code = "billing.pause_closed"
    message = _("This pause has another last day already, or was taken back.")


@transaction.atomic
def open_pause(
    *,
    account: ChargeAccount | None = None,
    line: ChargeLine | None = None,
    first_day: date,
    last_day: date | None,
    cause: str = PauseCause.OTHER,
    reason: str,
    source: str,
    approved_by: Any,
    now: datetime,
    by: Any = None,
) -> LateFeePause:
    """Let the late fee of an account, or of one charge line, rest from ``first_day`` to ``last_day``, both included.

    Give either ``account`` or ``line``. ``last_day`` None: until `end_pause` sets one; of a ``judgment`` it stays None,
    and its first day is the day after the court decided. ``cause`` is a `PauseCause`; ``source`` names the deed
    (``plan:12``, ``dispute:7``, ``import_changes:<digest>``; 60 characters at most). ``approved_by`` is the person
    who agreed, ``by`` the one who wrote it down, None for a rule or an import.

    The same pause a second time (source, whose, first day, last day) changes nothing and returns the first one.

    Raises SamePersonError, PauseEndsEarlyError, PauseClosedError (same deed and first day, another last day).
    """
    if by is not None:
        refuse_same_person(by, approved_by)
    if last_day is not None and (last_day < first_day or cause == PauseCause.JUDGMENT):
        raise PauseEndsEarlyError()
    owner = line.bill.account if line else account
    assert owner is not None, "a pause is of an account or of a line"
    pause, is_new = LateFeePause.objects.standing().get_or_create(
        account=None if line else account,
        line=line,
        source=source,
        first_day=first_day,
        withdrawn_on=None,
        defaults={
            "community_id": owner.community_id,
            "last_day": last_day,
            "cause": cause,
            "reason": reason,
            "approved_by": str(approved_by),
            "written_at": now,
        },
    )
    if is_new:
        _audit("billing.open_late_fee_pause", pause, by, {"first_day": first_day, "last_day": last_day})
    elif pause.last_day != last_day:
        raise PauseClosedError()
    return pause


@transaction.atomic
def end_pause(*, pause: LateFeePause, last_day: date, by: Any) -> LateFeePause:
    """Give a running pause its last day; the fee grows again from the day after.

    Raises PauseClosedError, PauseEndsEarlyError (before its first day, or of a judgment).
    """
    pause = LateFeePause.objects.select_for_update(of=("self",)).get(pk=pause.pk)
    if pause.last_day is not None or pause.withdrawn_on is not None:
        raise PauseClosedError()
    if last_day < pause.first_day or pause.cause == PauseCause.JUDGMENT:
        raise PauseEndsEarlyError()
    pause.last_day = last_day
    pause.save(update_fields=["last_day"])
    _audit("billing.end_late_fee_pause", pause, by, {"last_day": last_day})
    return pause


@transaction.atomic
def withdraw_pause(*, pause: LateFeePause, day: date, reason: str, by: Any) -> LateFeePause:
    """Take a pause back as if it had never been, because it was opened by mistake; the row stays.

    Raises PauseClosedError when it was taken back before.
    """
    pause = LateFeePause.objects.select_for_update(of=("self",)).get(pk=pause.pk)
    if pause.withdrawn_on is not None:
        raise PauseClosedError()
    pause.withdrawn_on = day
    pause.save(update_fields=["withdrawn_on"])
    _audit("billing.withdraw_late_fee_pause", pause, by, {"withdrawn_on": day}, reason)
    return pause


def _audit(action: str, pause: LateFeePause, by: Any, after: dict[str, Any], reason: str = "") -> None:
    audit.record(
        action=action,
        target=pause,
        by=by,
        community_id=pause.community_id,
        after={"line": pause.line_id, "account": pause.account_id, "approved_by": pause.approved_by, **after},
        reason=reason or pause.reason,
    )
