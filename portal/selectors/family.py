"""The link for whoever pays instead: a daughter in another city, a tenant, a neighbour."""

from __future__ import annotations

from django.utils.translation import gettext as _

from billing.links import MOST_BILLS
from core.money import ZERO
from portal.pages import FamilyPage
from portal.readers import Reader
from portal.selectors.frames import make_frame
from portal.selectors.rows import group_by_bill, rows_of
from portal.selectors.wishes import NothingOpenError, list_open


def family_page(reader: Reader, number: str = "") -> FamilyPage:
    """A link that opens one bill, or the open ones, with what it comes to; the oldest when they are too many.

    Raises:
        Http404: the bill is not this reader's.
        NothingOpenError: there is nothing to pay for.
    """
    groups = group_by_bill(list_open(reader, number))[:MOST_BILLS]
    if not groups:
        raise NothingOpenError
    lines = [line for group in groups for line in group]
    rows = rows_of(reader, lines, {line.line_id: line.outstanding for line in lines})
    community = reader.bills().values_list("community__name", flat=True).get(pk=lines[0].bill_id)
    return FamilyPage(
        frame=make_frame(reader, community=community, where=_("Ask family to pay")),
        rows=rows,
        total=sum((row.amount for row in rows), ZERO),
        link=reader.link_for([group[0].bill_id for group in groups]),
        back_url=reader.url("bill", number) if number else reader.url("home"),
    )
