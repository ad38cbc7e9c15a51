"""The yearly disclosure of pools on paper: for the notice board, or for one owner with what fell to the own unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from billing.domain.sheets import Letterhead
from billing.pages.pools import ShownPool, shown_pool
from billing.selectors.disclosure import Held, list_disclosed, year_of
from billing.selectors.sheets import letterhead_of
from core.calendars import day_of
from core.documents import render_pdf
from core.figures import format_date
from estates.models import Community

TEMPLATE = "print/pools-a4.html"


@dataclass(frozen=True)
class DisclosureSheet:
    """What stands on the paper; ``unit`` is empty on the notice board's."""

    letterhead: Letterhead
    number: str
    unit: str
    year: int
    dated: str
    pools: list[ShownPool]


def render_disclosure(
    community: Community,
    year: int,
    *,
    now: datetime,
    language: str,
    own: Collection[Held] | None = None,
    unit: str = "",
) -> bytes:
    """Render a year of a community's pools as PDF, A4; with ``own``, those of these units and what fell to them.

    Raises PaperUnavailableError when Pango is missing.
    """
    with translation.override(language):
        sheet = DisclosureSheet(
            letterhead=letterhead_of(community),
            number=_("Year %(year)s") % {"year": year},
            unit=unit,
            year=year,
            dated=format_date(day_of(now)),
            pools=[shown_pool(pool) for pool in list_disclosed(community.pk, year_of(year), own)],
        )
    return render_pdf(TEMPLATE, {"sheet": sheet}, language=language)
