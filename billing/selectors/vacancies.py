"""What a vacancy would come to by the contract's terms and the local rule, and what it did to bills."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from billing.models import Contract
from billing.models.contracts import ContractKind
from billing.selectors.hand_over import Effects, list_effects_of
from core.calendars import day_of
from estates.domain.city_packs import Topic, find_rule
from estates.domain.vacancy import Case, Offer, make_offer
from estates.models import Unit, VacancyEntitlement
from estates.selectors.vacancies import get_policy


def get_offer(unit: Unit, *, empty_since: date, applied_on: date) -> Offer:
    """Return what a unit that has been empty since a day is entitled to, applied for on a day, and by which texts."""
    community = unit.community
    rule = find_rule(community.city_pack, Topic.VACANCY, applied_on)
    contract = Contract.objects.filter(community=community).on(applied_on).first()
    is_early = contract is not None and contract.kind == ContractKind.EARLY
    case = Case(unit.kind, empty_since, applied_on, is_early)
    return make_offer(case, get_policy(community, applied_on).terms, rule)


def get_offer_of(vacancy: VacancyEntitlement) -> Offer:
    """Return what an application comes to by the texts in force on the day it was made, whenever it is decided."""
    applied_on = day_of(vacancy.recorded_at)
    return get_offer(vacancy.unit, empty_since=vacancy.empty_since or applied_on, applied_on=applied_on)


def source_of(vacancy: VacancyEntitlement, step: str = "") -> str:
    """Return the name under which a vacancy's corrections are booked, one a step."""
    return f"vacancy:{vacancy.pk}{step and ':' + step}"


def list_effects_of_vacancy(vacancy: VacancyEntitlement) -> Effects:
    """Return what was put right when the vacancy was approved, and when it ended."""
    return list_effects_of(Q(account__unit=vacancy.unit_id), [source_of(vacancy), source_of(vacancy, "end")])
