"""The owner applies for less while a unit stands empty, and reads how far it is."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.test import Client
from django.utils import timezone

from estates.models import EntitlementState, VacancyEntitlement, VacancyPolicy
from tests.payments.world import World
from tests.portal.conftest import route

WISH = {"empty_since": "2026-01-15", "reason": "在外地工作"}


def test_apply_and_read_how_far_it_is(owner: Client, world: World) -> None:
    VacancyPolicy.objects.create(community=world.community, start=date(2020, 1, 1), share="0.7", months=0)
    unit = world.accounts[0].unit
    assert "70%" in owner.get(route("vacancies")).content.decode()
    answer = owner.post(route("vacancies"), {**WISH, "unit": str(unit.pk)})
    assert (answer.status_code, answer.url) == (303, route("vacancies"))  # type: ignore[attr-defined]
    vacancy = VacancyEntitlement.objects.get()
    assert (vacancy.unit_id, vacancy.recorded_by, vacancy.state) == (unit.pk, "业主 138****1234", "applied")
    page = owner.get(route("vacancies")).context["page"]
    assert [row.unit for row in page.rows] == [unit.label]
    assert unit.pk not in [choice.unit_id for choice in page.choices]


def test_apply_for_a_neighbours_unit_is_refused(owner: Client, world: World) -> None:
    other = world.accounts[2].unit
    answer = owner.post(route("vacancies"), {**WISH, "unit": str(other.pk)})
    assert (answer.status_code, VacancyEntitlement.objects.exists()) == (422, False)


def test_apply_keeps_what_was_typed_when_something_is_missing(owner: Client, world: World) -> None:
    sent = {**WISH, "unit": str(world.accounts[0].unit_id), "empty_since": "soon"}
    answer = owner.post(route("vacancies"), sent)
    page = answer.context["page"]
    assert (answer.status_code, page.reason, bool(page.error)) == (422, "在外地工作", True)
    assert [choice.chosen for choice in page.choices] == [True, False]


def test_what_an_owner_before_applied_for_is_not_shown(owner: Client, world: World) -> None:
    unit = world.accounts[0].unit
    tie = unit.occupancies.get()
    make_vacancy(world, applied_on=tie.start - timedelta(days=1))
    assert not owner.get(route("vacancies")).context["page"].rows
    make_vacancy(world, applied_on=tie.start, state=EntitlementState.REFUSED)
    assert [row.words for row in owner.get(route("vacancies")).context["page"].rows] == ["没能批准：有人住"]


def make_vacancy(world: World, *, applied_on: date, state: str = "applied") -> None:
    noon = timezone.make_aware(datetime.combine(applied_on, time(12)))
    VacancyEntitlement.objects.create(
        unit=world.accounts[0].unit,
        start=applied_on,
        share=1,
        reason="空着",
        state=state,
        decision="有人住",
        recorded_at=noon,
    )
