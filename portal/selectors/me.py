"""The person's own page."""

from __future__ import annotations

from django.utils.translation import pgettext

from core.phones import mask_name, mask_phone
from estates.models import Person
from portal.pages import MePage
from portal.readers import Owner
from portal.selectors.frames import make_frame, phone_link, steward_of
from portal.selectors.home import list_units
from portal.selectors.statement import list_statements


def me_page(reader: Owner) -> MePage:
    """Masked name and phone, the units, whom to call."""
    person = Person.objects.filter(pk__in=reader.user.scope.person_ids).first()
    units = list_units(reader)
    community = units[0][0].community if units else None
    return MePage(
        frame=make_frame(
            reader,
            community=community.name if community else "",
            where=pgettext("owner menu", "Me"),
            here="me",
        ),
        name=mask_name(person.name) if person else "",
        phone=mask_phone(reader.user.phone or ""),
        units=tuple(view for _unit, view in units),
        logout_url=reader.url("logout"),
        steward=steward_of(community) if community else None,
        phone_url=phone_link(community) if community else "",
        pools_url=reader.url("pools") if units else "",
        statements=list_statements(reader, [unit.pk for unit, _view in units]),
    )
