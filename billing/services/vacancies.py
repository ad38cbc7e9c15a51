"""Vacancies and the bills they change: applied for, approved by a second person, ended by use (§4.7).

The way itself is the register's (`estates.services.vacancies`); here are the rule it is decided by, and the corrections
of days that were billed before anybody knew.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.explaining.vacancies import tell_refusal
from billing.selectors.vacancies import get_offer, get_offer_of, source_of
from billing.services.approval import Approval, SamePersonError
from billing.services.corrections import Corrected
from billing.services.rebilling import rebill_units
from core.calendars import day_of, moment_of
from core.errors import DomainError, InvalidError
from core.figures import format_date
from estates.domain.vacancy import Offer
from estates.models import Community, EndCause, Unit, VacancyEntitlement
from estates.selectors.vacancies import Use, list_uses
from estates.services.vacancies import apply_for_vacancy, end_vacancy, grant_application, lock_vacancy

log: Any = structlog.get_logger(__name__)

NIGHT = "night"


class NotEntitledError(InvalidError):
    """Neither the contract nor a local rule takes anything off; the message says which of the two is missing."""

    code = "vacancy_not_entitled"


class WordMissingError(InvalidError):
    """Ending a vacancy by hand needs a day and somebody's word."""

    code = "vacancy_word"
    message = gettext_lazy("Say from which day on the unit is used, and how we know.")


def apply(
    *, unit: Unit, empty_since: date, reason: str, by: Any, now: datetime, applicant: str = ""
) -> VacancyEntitlement:
    """Write an application down, with what it would come to by the rules of today.

    Raises NotEmptyYetError, AppliedAlreadyError.
    """
    return apply_for_vacancy(
        unit=unit,
        empty_since=empty_since,
        reason=reason,
        offer=get_offer(unit, empty_since=empty_since, applied_on=day_of(now)),
        by=by,
        now=now,
        applicant=applicant,
    )


@transaction.atomic
def approve(*, vacancy: VacancyEntitlement, reason: str, by: Any, now: datetime) -> Corrected:
    """Agree to an inspected application; days that were billed in full since its first day are put right.

    The one who agrees has neither written it down nor inspected the unit.

    Raises SamePersonError, NotEntitledError, VacancyStepError, VacancyOverlapsError.
    """
    Community.objects.select_for_update(no_key=True).get(pk=vacancy.unit.community_id)
    vacancy = lock_vacancy(vacancy)
    if str(by) in {vacancy.recorded_by, vacancy.inspected_by}:
        raise SamePersonError()
    granted = grant_application(
        vacancy=vacancy, offer=get_valid_offer(vacancy), reason=reason, by=by, now=now
    )  # fmt: skip
    approval = Approval(source_of(vacancy), granted.reason, granted.inspected_by, by, day_of(now), now)
    return _rebill(granted, granted.start, approval)


def get_valid_offer(vacancy: VacancyEntitlement) -> Offer:
    """Return what an application comes to. Raises NotEntitledError, with the article that says why it is nothing."""
    offer = get_offer_of(vacancy)
    if offer.refusal:
        raise NotEntitledError(tell_refusal(offer))
    return offer


@transaction.atomic
def end_on_use(*, use: Use, by: Any = NIGHT, now: datetime) -> Corrected:
    """End a vacancy from the day on which use shows, and charge the whole fee again for days billed by the share.

    Nobody has to agree again: that a vacancy ends when the unit is used is part of what was approved.

    Raises VacancyStepError (somebody has ended it).
    """
    vacancy = use.vacancy
    Community.objects.select_for_update(no_key=True).get(pk=vacancy.unit.community_id)
    because = _tell(use)
    ended = end_vacancy(
        vacancy=vacancy,
        first_used=use.on,
        cause=use.cause,
        reading_id=use.reading_id,
        because=because,
        by=by,
        now=now,
    )
    agreed = ended.decided_by if ended.decided_by != str(by) else ended.recorded_by
    approval = Approval(source_of(ended, "end"), because, by, agreed, day_of(now), now)
    return _rebill(ended, use.on, approval)


@transaction.atomic
def end_by_word(*, vacancy: VacancyEntitlement, on: date, because: str, by: Any, now: datetime) -> Corrected:
    """End a vacancy because somebody said that the unit is used from a day on.

    Raises SamePersonError (whoever approved it lets somebody else end it), VacancyStepError.
    """
    if str(by) == vacancy.decided_by:
        raise SamePersonError()
    Community.objects.select_for_update(no_key=True).get(pk=vacancy.unit.community_id)
    ended = end_vacancy(
        vacancy=vacancy, first_used=on, cause=EndCause.TOLD, because=because, by=by, now=now
    )  # fmt: skip
    day = day_of(now)
    return _rebill(ended, on, Approval(source_of(ended, "end"), because, by, ended.decided_by, day, now))


def end_used_vacancies(*, community: Community, day: date, now: datetime) -> int:
    """End each vacancy of a community that a sign of use speaks against up to a day; return how many ended.

    One that cannot be put right, because its period is closed, goes on and is found again the next night.
    """
    ended = 0
    for use in list_uses(community, day):
        try:
            end_on_use(use=use, now=now)
        except DomainError as error:
            log.warning("billing.vacancy_not_ended", vacancy=use.vacancy.pk, code=error.code)
        else:
            ended += 1
    return ended


def end_vacancies_at_night(day: date) -> dict[str, Any]:
    """Look for use in all communities, and return how many vacancies ended."""
    now = moment_of(day, time(1))
    running = VacancyEntitlement.objects.running().values("unit__community")
    communities = Community.objects.filter(pk__in=running).order_by("code")
    return {"ended": sum(end_used_vacancies(community=one, day=day, now=now) for one in communities)}


def _rebill(vacancy: VacancyEntitlement, since: date, approval: Approval) -> Corrected:
    return rebill_units(
        community=vacancy.unit.community, unit_ids=[vacancy.unit_id], since=since, approval=approval
    )


def _tell(use: Use) -> str:
    """Return, in the installation's language, what ended a vacancy; it is printed with the correction."""
    with translation.override(settings.LANGUAGE_CODE):
        told = _("%(day)s: %(cause)s, so the unit is not empty any more.")
        return told % {"day": format_date(use.on), "cause": EndCause(use.cause).label}
