"""Shared costs of a year for whoever pays: what was used, what it came to, and the part of the own units."""

from __future__ import annotations

from itertools import groupby

from django.http import Http404
from django.utils.translation import gettext as _

from billing.models import ChargeAccount
from billing.pages.pools import shown_pool
from billing.selectors.disclosure import Held, list_disclosed, list_years, year_of
from estates.models import Community
from portal.pages import PoolsOfUnits, PoolsPage
from portal.readers import Reader
from portal.selectors.frames import make_frame


def list_accounts(reader: Reader) -> list[ChargeAccount]:
    """The accounts behind the reader's bills, community by community."""
    found = ChargeAccount.objects.filter(pk__in=reader.bills().values("account"))
    return list(
        found.select_related("community__company", "unit__building").order_by("community", "unit__sort_key")
    )


def held_by(accounts: list[ChargeAccount]) -> list[Held]:
    """What the reader holds or held, and when."""
    return [Held(account.unit_id, account.start, account.end) for account in accounts]


def pools_page(reader: Reader, year: int | None) -> PoolsPage:
    """A year of the pools the reader's units take part in; the newest year without one."""
    accounts = list_accounts(reader)
    communities = {account.community_id: account.community for account in accounts}
    years = sorted({year for pk in communities for year in list_years(pk)}, reverse=True)
    shown = year or (years[0] if years else reader.today.year)
    groups = tuple(
        _of_community(reader, communities[pk], list(own), shown)
        for pk, own in groupby(accounts, key=lambda account: account.community_id)
    )
    frame = make_frame(reader, community=groups[0].community if groups else "", where=_("Shared costs"))
    links = tuple((one, f"{reader.url('pools')}?year={one}") for one in years)
    return PoolsPage(frame, shown, links, tuple(group for group in groups if group.pools))


def _of_community(
    reader: Reader, community: Community, accounts: list[ChargeAccount], year: int
) -> PoolsOfUnits:
    pools = list_disclosed(community.pk, year_of(year), held_by(accounts))
    return PoolsOfUnits(
        community=community.name,
        units=name_units(accounts),
        pools=tuple(shown_pool(pool) for pool in pools),
        pdf_url=f"{reader.url('pools-pdf', community.code)}?year={year}",
    )


def name_units(accounts: list[ChargeAccount]) -> str:
    """The labels of the units, each once."""
    return _(", ").join(dict.fromkeys(account.unit.label for account in accounts))


def find_own_community(reader: Reader, code: str) -> tuple[Community, list[ChargeAccount]]:
    """The community and the reader's accounts in it.

    Raises:
        Http404: the reader has none there.
    """
    own = [account for account in list_accounts(reader) if account.community.code == code]
    if not own:
        raise Http404
    return own[0].community, own
