"""What a person asks the overview for, held in the address bar: community, month, kind of unit, open rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Self

from django.http import Http404, QueryDict
from django.utils.http import urlencode

from core.periods import Period, PeriodError
from dashboards.domain.cuts import Cut
from dashboards.domain.kinds import EVERY_KIND, KindGroup
from dashboards.selectors.facts import Sight
from dashboards.selectors.overview import list_billed_months
from estates.models import Community


@dataclass(frozen=True)
class Filters:
    """The choices of a page and what they were made from.

    `months` is empty as long as no bill was issued; then there is no `cut` either.
    """

    communities: list[Community]
    months: list[Period]
    today: date
    community: Community | None = None
    month: Period | None = None
    kind: KindGroup | None = None
    is_open: tuple[str, ...] = ()

    @classmethod
    def from_query(cls, query: QueryDict, *, user: Any, today: date) -> Self:
        """Read the choices of a person; without any, all of her communities in the newest month with bills.

        Raises:
            Http404: a community outside her scope, or a word that is no month or kind.
        """
        communities = list(Community.objects.visible_to(user).order_by("code"))
        community = _pick_community(communities, query.get("community", ""))
        chosen = [community] if community else communities
        months = list_billed_months(Sight([one.pk for one in chosen]), today)
        return cls(
            communities=communities,
            months=months,
            today=today,
            community=community,
            month=_pick_month(months, query.get("month", "")),
            kind=_pick_kind(query.get("kind", "")),
            is_open=tuple(dict.fromkeys(query.getlist("open"))),
        )

    @property
    def sight(self) -> Sight:
        """The communities and kinds to read."""
        chosen = [self.community] if self.community else self.communities
        return Sight([one.pk for one in chosen], self.kind.kinds if self.kind else EVERY_KIND)

    @property
    def cut(self) -> Cut:
        """The month on its day.

        Raises:
            Http404: there is no bill yet, so no month either.
        """
        if self.month is None:
            raise Http404
        return Cut.of_month(self.month, self.today)

    def as_query(self, **more: str) -> str:
        """The choices as the end of an address, with what a link adds."""
        pairs = [
            ("community", self.community.code if self.community else ""),
            ("month", f"{self.month.start:%Y-%m}" if self.month else ""),
            ("kind", self.kind or ""),
            *(("open", key) for key in self.is_open),
            *more.items(),
        ]
        return urlencode([(name, value) for name, value in pairs if value])

    def toggled(self, key: str) -> Self:
        """The same choices with one row opened, or closed if it was open."""
        others = tuple(one for one in self.is_open if one != key)
        return replace(self, is_open=others if key in self.is_open else (*self.is_open, key))

    def closed(self) -> Self:
        """The same choices with no row open."""
        return replace(self, is_open=())


def _pick_community(communities: list[Community], code: str) -> Community | None:
    if not code:
        return communities[0] if len(communities) == 1 else None
    for community in communities:
        if community.code == code:
            return community
    raise Http404


def _pick_month(months: list[Period], text: str) -> Period | None:
    if not text:
        return months[0] if months else None
    try:
        month = Period.month(text)
    except PeriodError:
        raise Http404
    if month not in months:
        raise Http404
    return month


def _pick_kind(text: str) -> KindGroup | None:
    if not text:
        return None
    try:
        return KindGroup(text)
    except ValueError:
        raise Http404
