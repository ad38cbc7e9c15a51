"""The message that a vacancy was granted, refused or has ended, in the words of the owner's page."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from billing.explaining.vacancies import tell_stand
from core.calendars import day_of
from estates.models import EntitlementState, Occupancy, OccupancyRole, VacancyEntitlement
from messaging.domain.verdict import Drop, Go, Verdict
from messaging.kinds import MessageKind, register_kind
from messaging.models import OutboundMessage
from messaging.services import MessagePlan, plan_messages

TOLD = (EntitlementState.APPROVED, EntitlementState.REFUSED, EntitlementState.ENDED)


def plan_vacancy_notices(*, vacancy_id: int) -> int:
    """Plan a message an owner of the unit about what was decided; return how many are new.

    Owners are those of the day of the decision, or of the last day of the vacancy: who bought the unit since did not
    apply. Each decision is told once.
    """
    vacancy = VacancyEntitlement.objects.select_related("unit").get(pk=vacancy_id)
    moment = vacancy.ended_at if vacancy.state == EntitlementState.ENDED else vacancy.decided_at
    if vacancy.state not in TOLD or moment is None:
        return 0
    return plan_messages(
        MessagePlan(
            dedupe_key=f"vacancy:{vacancy.pk}:{vacancy.state}:{person_id}",
            community_id=vacancy.unit.community_id,
            person_id=person_id,
            kind=VACANCY_NOTICE.name,
            subjects={"vacancies": [vacancy.pk], "moments": [_moment_of(vacancy.state)]},
            not_before=moment,
        )
        for person_id in _list_owners(vacancy, day_of(moment))
    )


def _list_owners(vacancy: VacancyEntitlement, day: date) -> Collection[int]:
    held = Occupancy.objects.filter(unit=vacancy.unit_id, role=OccupancyRole.OWNER)
    applied = Q(start__lte=day_of(vacancy.recorded_at)) & (Q(end=None) | Q(end__gt=vacancy.start))
    return sorted(set(held.on(day).filter(applied).values_list("person", flat=True)))


def _moment_of(state: str) -> int:
    """The decision a message is about, as messages keep their subjects: numbers."""
    return TOLD.index(EntitlementState(state))


def judge_by_vacancies(messages: Sequence[OutboundMessage], now: datetime) -> Mapping[int, Verdict]:
    """Answer for messages about vacancies: what was decided, unless something else has happened since."""
    ids = {message.subjects["vacancies"][0] for message in messages}
    rows = VacancyEntitlement.objects.select_related("unit__building", "unit__community").in_bulk(ids)
    return {
        message.pk: _judge(message, rows.get(message.subjects["vacancies"][0]), day_of(now))
        for message in messages
    }


def _judge(message: OutboundMessage, vacancy: VacancyEntitlement | None, today: date) -> Verdict:
    (moment,) = message.subjects["moments"]
    if vacancy is None or vacancy.state != TOLD[moment]:
        return Drop("vacancy_moved_on")
    with translation.override(message.language):
        return Go(
            {
                "community": vacancy.unit.community.name,
                "unit": vacancy.unit.label,
                "outcome": tell_stand(vacancy, today),
                "link": settings.PUBLIC_URL + reverse("portal:vacancies"),
            }
        )


VACANCY_NOTICE = register_kind(
    MessageKind(
        name="vacancy.decided",
        label=_("Vacancy was decided"),
        subject=_("Your vacant unit"),
        body=_("To the owner of {{ unit }}, about the vacancy: {{ outcome }} See all of it: {{ link }}"),
        placeholders=("community", "unit", "outcome", "link"),
        ask=judge_by_vacancies,
    )
)
