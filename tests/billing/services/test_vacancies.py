"""Vacancies and their bills: approved late and ended by use, the days in between are put right to the fen."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial

import pytest
from django.core.files.base import ContentFile

from billing.events import notify_of_vacancies
from billing.models import ChargeLine, Contract, FeeItem, RunSchedule
from billing.notices.vacancies import judge_by_vacancies
from billing.selectors.outstanding import lines_with_outstanding
from billing.selectors.vacancies import get_offer, list_effects_of_vacancy
from billing.services import vacancies
from billing.services.approval import SamePersonError
from billing.services.run import bill_period
from billing.services.vacancies import NotEntitledError, end_used_vacancies, end_vacancies_at_night
from core.models import AuditRecord, OutboxEvent
from core.periods import Period
from core.reasons import ReasonMissingError
from estates.domain.vacancy import VacancyStepError
from estates.models import (
    EndCause,
    EntitlementState,
    HandOver,
    Occupancy,
    Reading,
    Unit,
    VacancyEntitlement,
    VacancyPolicy,
)
from estates.services.transfers import change_owner
from estates.services.vacancies import (
    AppliedAlreadyError,
    Inspection,
    NotEmptyYetError,
    inspect_vacancy,
    note_seen,
    refuse_vacancy,
)
from messaging.domain.verdict import Go, Verdict
from messaging.models import OutboundMessage
from tests.billing.village import Village

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)
LATER = datetime(2026, 11, 26, 1, tzinfo=UTC)


@pytest.fixture
def village() -> Village:
    """A village whose contract leaves seventy per cent due after three months; 100 m² at 3.00 come to 300.00."""
    village = Village()
    village.tariff(village.fee("物业费"), "area", "3.00")
    FeeItem.objects.update(honours_vacancy=True)
    RunSchedule.objects.create(community=village.community, start=date(2020, 1, 1), issues=True)
    VacancyPolicy.objects.create(
        community=village.community, start=date(2020, 1, 1), share="0.7", months=3, clause="合同第十二条"
    )
    return village


@pytest.fixture
def flat(village: Village) -> Unit:
    return village.unit("8-301", "100")


def bill(village: Village, month: str = "2026-11") -> None:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="test", issue=True)


def apply(unit: Unit, since: date = date(2026, 6, 1), *, by: str = "shouyin") -> VacancyEntitlement:
    return vacancies.apply(unit=unit, empty_since=since, reason="在外地工作", by=by, now=NOW)


def grant(unit: Unit, since: date = date(2026, 6, 1)) -> VacancyEntitlement:
    """Applied for, inspected and approved on the first of November."""
    vacancy = apply(unit, since)
    inspection = Inspection(date(2026, 11, 1), "家具盖着布")
    inspect_vacancy(vacancy=vacancy, inspection=inspection, by="xunjian", now=NOW)
    vacancies.approve(vacancy=vacancy, reason="", by="jingli", now=NOW)
    vacancy.refresh_from_db()
    return vacancy


def owed(unit: Unit) -> Decimal:
    lines = lines_with_outstanding(ChargeLine.objects.filter(bill__account__unit=unit))
    return sum((line.outstanding for line in lines), Decimal("0.00"))


# Told ---------------------------------------------------------------------------------------------------


def told() -> list[tuple[str, str]]:
    """What the owners would hear of the vacancies now, and why not, by their messages."""
    hear_events()
    messages = list(OutboundMessage.objects.filter(kind="vacancy.decided").order_by("pk"))
    verdicts = judge_by_vacancies(messages, NOW)
    return [(message.person.name.split()[0], words_of(verdicts[message.pk])) for message in messages]


def words_of(verdict: Verdict) -> str:
    return verdict.values["outcome"] if isinstance(verdict, Go) else verdict.reason


def hear_events() -> None:
    """Deliver what the decisions published, twice: a message is planned once."""
    for event in OutboxEvent.objects.filter(name="estates.vacancy_decided").order_by("pk"):
        for _again in range(2):
            notify_of_vacancies(**event.payload)


def test_decision_is_told_to_the_owner_once(flat: Unit) -> None:
    grant(flat)
    assert told() == [("张三", "从2026年11月1日起按 70% 交费；房屋一经使用，自动恢复全额。")]


def test_refusal_is_told_with_its_reason(flat: Unit) -> None:
    refuse_vacancy(vacancy=apply(flat), reason="有人居住", by="jingli", now=NOW)
    assert told() == [("张三", "没能批准：有人居住")]


def test_end_is_told_and_what_was_granted_before_is_not_any_more(flat: Unit) -> None:
    vacancy = grant(flat)
    hear_events()
    vacancies.end_by_word(vacancy=vacancy, on=date(2026, 11, 1), because="已出租", by="shouyin", now=NOW)
    assert told() == [
        ("张三", "vacancy_moved_on"),
        ("张三", "从2026年11月1日起按 70% 交费，2026年11月1日起恢复全额。已出租"),
    ]


def test_who_bought_the_unit_since_hears_nothing_of_it(flat: Unit) -> None:
    vacancy = apply(flat)
    change_owner(unit=flat, first_day=date(2026, 11, 2), name="王五", phone="", reason="买卖", by="t")
    refuse_vacancy(vacancy=vacancy, reason="已过户", by="jingli", now=LATER)
    assert told() == []


# The way ------------------------------------------------------------------------------------------------


def test_approve_leaves_the_share_due_from_the_application_on(village: Village, flat: Unit) -> None:
    bill(village)
    assert owed(flat) == Decimal("300.00")
    vacancy = grant(flat)
    assert (vacancy.state, vacancy.start, vacancy.share) == ("approved", date(2026, 11, 1), Decimal("0.7000"))
    assert vacancy.articles == "合同第十二条 · 《民法典》第九百四十四条"
    assert owed(flat) == Decimal("210.00")
    effects = list_effects_of_vacancy(vacancy)
    assert [str(row.amount) for row in effects.reductions] == ["90.00"]
    reduction = effects.reductions[0]
    assert (reduction.requested_by, reduction.approved_by) == ("xunjian", "jingli")


def test_approve_before_the_months_are_full_begins_later(village: Village, flat: Unit) -> None:
    assert grant(flat, since=date(2026, 8, 16)).start == date(2026, 11, 16)
    bill(village)
    assert owed(flat) == Decimal("255.00")  # 150 and 70 % of 150


@pytest.mark.parametrize("by", ["shouyin", "xunjian"])
def test_approve_needs_somebody_who_neither_applied_nor_inspected(flat: Unit, by: str) -> None:
    vacancy = apply(flat)
    inspect_vacancy(vacancy=vacancy, inspection=Inspection(NOW.date(), "空"), by="xunjian", now=NOW)
    with pytest.raises(SamePersonError):
        vacancies.approve(vacancy=vacancy, reason="", by=by, now=NOW)


def test_approve_needs_an_inspection(flat: Unit) -> None:
    with pytest.raises(VacancyStepError):
        vacancies.approve(vacancy=apply(flat), reason="", by="jingli", now=NOW)


def test_approve_refuses_what_nobody_granted(flat: Unit) -> None:
    VacancyPolicy.objects.all().delete()
    vacancy = apply(flat)
    inspect_vacancy(vacancy=vacancy, inspection=Inspection(NOW.date(), "空"), by="xunjian", now=NOW)
    with pytest.raises(NotEntitledError, match="第九百四十四条"):
        vacancies.approve(vacancy=vacancy, reason="", by="jingli", now=NOW)


def test_early_contract_and_local_rule_leave_sixty_per_cent(village: Village, flat: Unit) -> None:
    VacancyPolicy.objects.all().delete()
    village.community.city_pack = "binzhou"
    village.community.save()
    flat.refresh_from_db()
    since = date(2026, 1, 1)
    assert get_offer(flat, empty_since=since, applied_on=NOW.date()).refusal == "nothing_agreed"
    Contract.objects.create(
        community=village.community, number="1", kind="early", price_basis="lump_sum", start=date(2020, 1, 1)
    )
    assert get_offer(flat, empty_since=since, applied_on=NOW.date()).share == Decimal("0.6")


def test_apply_once_and_not_for_a_day_to_come(flat: Unit) -> None:
    with pytest.raises(NotEmptyYetError):
        apply(flat, date(2026, 11, 2))
    apply(flat)
    with pytest.raises(AppliedAlreadyError):
        apply(flat)


def test_apply_masks_the_telephone_of_an_owner(flat: Unit) -> None:
    assert apply(flat, by="13800138000").recorded_by == "138****8000"


def test_refuse_says_why_and_frees_the_unit(flat: Unit) -> None:
    vacancy = apply(flat)
    with pytest.raises(ReasonMissingError):
        refuse_vacancy(vacancy=vacancy, reason=" ", by="jingli", now=NOW)
    refused = refuse_vacancy(vacancy=vacancy, reason="有人居住", by="jingli", now=NOW)
    assert (refused.state, refused.decision) == ("refused", "有人居住")
    assert apply(flat).state == "applied"


def test_inspect_reads_meters_and_keeps_photos(village: Village, flat: Unit) -> None:
    meter = village.meter("W-301", {date(2026, 10, 1): "100"}, unit=flat)
    photo = ContentFile(b"\xff\xd8\xff", name="a.jpg")
    found = Inspection(date(2026, 11, 1), "空", {meter.pk: Decimal(100)}, [photo])
    inspected = inspect_vacancy(vacancy=apply(flat), inspection=found, by="xunjian", now=NOW)
    assert (inspected.state, inspected.inspected_by, inspected.photos.count()) == ("inspected", "xunjian", 1)
    reading = Reading.objects.get(meter=meter, read_on=date(2026, 11, 1))
    assert (reading.value, reading.source) == (Decimal(100), "vacancy")


def test_each_step_is_on_record(flat: Unit) -> None:
    grant(flat)
    actions = AuditRecord.objects.filter(target_type="estates.vacancyentitlement").order_by("pk")
    assert list(actions.values_list("action", "actor")) == [
        ("estates.apply_for_vacancy", "shouyin"),
        ("estates.inspect_vacancy", "xunjian"),
        ("estates.vacancy_approved", "jingli"),
    ]


# The end ------------------------------------------------------------------------------------------------


def test_a_reading_of_use_ends_it_from_its_day_on(village: Village, flat: Unit) -> None:
    meter = village.meter("W-301", {date(2026, 10, 31): "100", date(2026, 11, 1): "100"}, unit=flat)
    vacancy = grant(flat)
    bill(village)
    assert owed(flat) == Decimal("210.00")
    reading = Reading.objects.create(meter=meter, read_on=date(2026, 11, 16), value=Decimal("100.6"))
    assert end_used_vacancies(community=village.community, day=date(2026, 11, 26), now=LATER) == 1
    vacancy.refresh_from_db()
    assert (vacancy.state, vacancy.end, vacancy.end_cause, vacancy.end_reading_id) == (
        "ended", date(2026, 11, 16), "reading", reading.pk,
    )  # fmt: skip
    assert owed(flat) == Decimal("255.00")  # 105 for the first half and 150 for the second
    correction = list_effects_of_vacancy(vacancy).bills[0]
    assert correction.total == Decimal("45.00")
    assert "2026" in correction.lines.get().inputs["reason"]


@pytest.mark.parametrize(
    ("readings", "ended"),
    [
        ({"2026-11-01": "100", "2026-11-16": "100.5"}, 0),  # half a cubic metre in fifteen days is the limit
        ({"2026-11-01": "100", "2026-11-16": "100.5001"}, 1),
        ({"2026-10-31": "100", "2026-11-16": "120"}, 0),  # the days began before the vacancy
        ({"2026-11-01": "100", "2026-11-27": "120"}, 0),  # not yet read on that day
    ],
)
def test_readings_at_the_edge(village: Village, flat: Unit, readings: dict[str, str], ended: int) -> None:
    village.meter("W-301", {date.fromisoformat(day): value for day, value in readings.items()}, unit=flat)
    grant(flat)
    assert end_used_vacancies(community=village.community, day=date(2026, 11, 26), now=LATER) == ended


def test_threshold_of_its_day_holds_and_an_empty_one_asks_nothing(village: Village, flat: Unit) -> None:
    village.meter("W-301", {date(2026, 11, 1): "100", date(2026, 11, 16): "120"}, unit=flat)
    VacancyPolicy.objects.create(
        community=village.community, start=date(2026, 11, 10), share="0.7", most_water=None
    )
    grant(flat)
    assert end_used_vacancies(community=village.community, day=date(2026, 11, 26), now=LATER) == 0


def test_an_estimate_is_no_sign_of_use(village: Village, flat: Unit) -> None:
    meter = village.meter("W-301", {date(2026, 11, 1): "100"}, unit=flat)
    Reading.objects.create(
        meter=meter, read_on=date(2026, 11, 16), value=Decimal(120), is_estimate=True, method="given"
    )
    grant(flat)
    assert end_used_vacancies(community=village.community, day=date(2026, 11, 26), now=LATER) == 0


def test_a_transfer_ends_it_from_the_new_owners_first_day(village: Village, flat: Unit) -> None:
    vacancy = grant(flat)
    change_owner(
        unit=flat, first_day=date(2026, 11, 16), name="王五", phone="", reason="买卖", by="shouyin"
    )  # fmt: skip
    assert end_vacancies_at_night(date(2026, 11, 15)) == {"ended": 0}
    assert end_vacancies_at_night(date(2026, 11, 16)) == {"ended": 1}
    vacancy.refresh_from_db()
    assert (vacancy.end, vacancy.end_cause) == (date(2026, 11, 16), "transfer")


def test_whoever_moves_in_ends_it(village: Village, flat: Unit) -> None:
    vacancy = grant(flat)
    tenant = village.company.people.create(name="租户")
    Occupancy.objects.create(unit=flat, person=tenant, role="tenant", start=date(2026, 11, 20))
    end_vacancies_at_night(date(2026, 11, 20))
    vacancy.refresh_from_db()
    assert (vacancy.end, vacancy.end_cause) == (date(2026, 11, 20), "move_in")


def test_a_hand_over_ends_it(flat: Unit) -> None:
    vacancy = grant(flat)
    HandOver.objects.create(unit=flat, on=date(2026, 11, 12), recorded_by="t", recorded_at=NOW)
    end_vacancies_at_night(date(2026, 11, 20))
    vacancy.refresh_from_db()
    assert (vacancy.end, vacancy.end_cause) == (date(2026, 11, 12), "hand_over")


def test_the_first_sign_counts_and_the_second_night_finds_nothing(village: Village, flat: Unit) -> None:
    vacancy = grant(flat)
    village.meter("W-301", {date(2026, 11, 1): "100", date(2026, 11, 16): "120"}, unit=flat)
    HandOver.objects.create(unit=flat, on=date(2026, 11, 12), recorded_by="t", recorded_at=NOW)
    assert end_vacancies_at_night(date(2026, 11, 20)) == {"ended": 1}
    assert end_vacancies_at_night(date(2026, 11, 21)) == {"ended": 0}
    vacancy.refresh_from_db()
    assert vacancy.end == date(2026, 11, 12)


def test_what_ended_stands_on_the_list_until_somebody_looks(flat: Unit) -> None:
    vacancy = grant(flat)
    HandOver.objects.create(unit=flat, on=date(2026, 11, 12), recorded_by="t", recorded_at=NOW)
    end_vacancies_at_night(date(2026, 11, 20))
    assert list(VacancyEntitlement.objects.unseen()) == [vacancy]
    note_seen(vacancy=vacancy, by="shouyin", now=LATER)
    assert not VacancyEntitlement.objects.unseen().exists()


def test_end_by_word_is_another_persons_act(village: Village, flat: Unit) -> None:
    bill(village)
    vacancy = grant(flat)
    end = partial(
        vacancies.end_by_word, vacancy=vacancy, on=date(2026, 11, 16), because="邻居说有人住", now=LATER
    )
    with pytest.raises(SamePersonError):
        end(by="jingli")
    end(by="shouyin")
    vacancy.refresh_from_db()
    assert (vacancy.end_cause, vacancy.ended_because) == (EndCause.TOLD, "邻居说有人住")
    assert owed(flat) == Decimal("255.00")
    assert not VacancyEntitlement.objects.unseen().exists()


def test_ended_on_its_first_day_it_never_was(village: Village, flat: Unit) -> None:
    bill(village)
    vacancy = grant(flat)
    vacancies.end_by_word(vacancy=vacancy, on=date(2026, 10, 1), because="看错了", by="shouyin", now=LATER)
    vacancy.refresh_from_db()
    assert (vacancy.state, vacancy.start, vacancy.end) == (
        EntitlementState.ENDED, date(2026, 11, 1), date(2026, 11, 1),
    )  # fmt: skip
    assert owed(flat) == Decimal("300.00")
    bill(village, "2026-12")
    assert owed(flat) == Decimal("600.00")
