"""The owner's vacancies: what was applied for, how far it is, and which units one may apply for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import F
from django.utils.translation import gettext as _

from billing.explaining.vacancies import tell_offer, tell_stand
from billing.selectors.vacancies import get_offer
from core.calendars import day_of
from core.errors import InvalidError
from estates.models import Occupancy, OccupancyRole, Unit, VacancyEntitlement
from portal.pages import VacanciesPage, VacancyChoice, VacancyView
from portal.readers import Owner
from portal.selectors.frames import make_frame


class OddApplicationError(InvalidError):
    """The form lacks a unit, a day or a reason."""

    code = "portal.odd_application"


def list_own_units(reader: Owner) -> Sequence[Unit]:
    """The units the reader owns today: tenants apply for nothing."""
    ties = Occupancy.objects.visible_to(reader.user).on(reader.today).filter(role=OccupancyRole.OWNER)
    units = Unit.objects.filter(pk__in=ties.values("unit"))
    return list(units.select_related("building", "community").order_by("sort_key"))


def get_own_unit(reader: Owner, number: str) -> Unit:
    """The unit that the form names. Raises OddApplicationError when the reader does not own it."""
    found = next((unit for unit in list_own_units(reader) if str(unit.pk) == number), None)
    if found is None:
        raise OddApplicationError(_("Please choose one of your units."))
    return found


def vacancies_page(reader: Owner, typed: Mapping[str, str] | None = None, error: str = "") -> VacanciesPage:
    """Applications of the units the reader owns, those before his days left out, and the form."""
    units, typed = list_own_units(reader), typed or {}
    open_units = set(VacancyEntitlement.objects.open().filter(unit__in=units).values_list("unit", flat=True))
    return VacanciesPage(
        frame=make_frame(
            reader, community=units[0].community.name if units else "", where=_("Vacant unit"), here="me"
        ),
        rows=tuple(_view(reader, row) for row in _list_own(reader, units)),
        choices=tuple(
            _choose(reader, unit, typed.get("unit", "")) for unit in units if unit.pk not in open_units
        ),
        action=reader.url("vacancies"),
        empty_since=typed.get("empty_since", "")[:10],
        reason=typed.get("reason", "")[:200],
        error=error,
    )


def _list_own(reader: Owner, units: Sequence[Unit]) -> Sequence[VacancyEntitlement]:
    ties = Occupancy.objects.visible_to(reader.user).filter(unit__in=units, role=OccupancyRole.OWNER)
    since = dict(ties.order_by("-start").values_list("unit", "start"))
    rows = VacancyEntitlement.objects.filter(unit__in=units).select_related("unit__building")
    newest = rows.order_by(F("recorded_at").desc(), "-pk")
    return [row for row in newest if day_of(row.recorded_at) >= since[row.unit_id]]


def _view(reader: Owner, vacancy: VacancyEntitlement) -> VacancyView:
    return VacancyView(
        unit=vacancy.unit.label,
        state=str(vacancy.get_state_display()),
        since=vacancy.empty_since or vacancy.start,
        words=tell_stand(vacancy, reader.today),
        articles=vacancy.articles,
    )


def _choose(reader: Owner, unit: Unit, chosen: str) -> VacancyChoice:
    """Say what applying today would come to for a unit empty for long, so that nobody applies for nothing."""
    long_ago = reader.today.replace(year=reader.today.year - 10, day=1)
    offer = get_offer(unit, empty_since=long_ago, applied_on=reader.today)
    return VacancyChoice(unit.pk, unit.label, tell_offer(offer), chosen == str(unit.pk))
