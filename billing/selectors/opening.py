"""Reads of opening balances."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import F, QuerySet

from billing.domain.opening_plan import HeldAccount, HeldOpening, fee_key
from billing.models import ChargeAccount, FeeItem, OpeningImport, OpeningItem
from estates.models import Community, Unit


def get_held_opening(community: Community) -> HeldOpening:
    """Return what an opening file is planned against: three queries."""
    accounts: defaultdict[str, list[HeldAccount]] = defaultdict(list)
    units = Unit.objects.filter(community=community).values_list("code", flat=True)
    rows = ChargeAccount.objects.filter(community=community).order_by("start").annotate(code=F("unit__code"))
    for code, pk, start, end in rows.values_list("code", "pk", "start", "end"):
        accounts[code].append(HeldAccount(pk, start, end))
    items = FeeItem.objects.filter(community=community).values_list("pk", "code", "name")
    fees = {fee_key(word): pk for pk, *words in items for word in words}
    known = OpeningItem.objects.filter(community=community, is_undone=False)
    return HeldOpening(
        accounts={code: accounts[code] for code in units},
        fees=fees,
        facts=dict(known.values_list("key", "amount")),
    )


def list_opening_imports(user: Any) -> QuerySet[OpeningImport]:
    """Return the files taken in that a person may see, the newest first."""
    imports: QuerySet[OpeningImport] = OpeningImport.objects.visible_to(user)
    return imports.select_related("community").order_by("-imported_at")


def find_opening_import(community: Community, digest: str) -> OpeningImport | None:
    """Return the newest standing import of a file, by its hash, that brought something in; None without one."""
    standing = OpeningImport.objects.filter(community=community, undone_at=None, file_hash=digest)
    return standing.filter(created_count__gt=0).order_by("-imported_at").first()
