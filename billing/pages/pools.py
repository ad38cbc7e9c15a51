"""What the pages about shared costs show: a year disclosed, and a pool beside itself by other keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from billing.domain.slab import IntArray
from billing.domain.what_if import Alternative, count_bands
from billing.domain.working import plain_text
from billing.explaining.pools import key_words
from billing.explaining.values import USE_UNITS
from billing.pages.tariffs import scope_words
from billing.selectors.disclosure import DisclosedMonth, DisclosedPool
from billing.selectors.what_if import WhatIf
from core.cards import Tile
from core.charts import BarRow, Bars, draw_bars
from core.figures import format_amount, format_number, format_period
from core.money import to_yuan
from core.naturalsort import natural_key
from core.tables.sheet import Cell
from core.tables.writer import SheetToWrite

NO_DASH = "—"


@dataclass(frozen=True)
class ShownPool:
    """A pool of a year in words: heading, what it applies to, where it was agreed, its months and their totals."""

    name: str
    scope: str
    meter: str
    agreement: str
    has_loss: bool
    has_own: bool
    months: list[dict[str, Any]]
    use: str
    total: Decimal
    own: Decimal | None


def shown_pool(pool: DisclosedPool) -> ShownPool:
    """Put a disclosed pool into words."""
    unit = str(USE_UNITS.get(pool.meter_kind, ""))
    return ShownPool(
        name=pool.name,
        scope=scope_words(pool.applies_to),
        meter=pool.meter,
        agreement=_("; ").join(pool.agreements),
        has_loss=any(month.loss is not None for month in pool.months),
        has_own=pool.own is not None,
        months=[_shown_month(month, unit) for month in pool.months],
        use=_use(pool.use, unit),
        total=pool.total,
        own=pool.own,
    )


def _shown_month(month: DisclosedMonth, unit: str) -> dict[str, Any]:
    return {
        "result_id": month.result_id,
        "period": format_period(month.period),
        "opening": NO_DASH if month.opening is None else plain_text(month.opening),
        "closing": NO_DASH if month.closing is None else plain_text(month.closing),
        "use": _use(month.use, unit),
        "price": NO_DASH if month.price is None else plain_text(month.price, 2),
        "loss": NO_DASH if month.loss is None else _use(month.loss, unit),
        "borne": "" if not month.borne else _use(month.borne, unit),
        "amount": month.amount,
        "participants": format_number(month.participants),
        "keys": list(_keys(month)),
        "own": month.own,
    }


def _keys(month: DisclosedMonth) -> Iterator[str]:
    for share in month.shares:
        words = key_words(share.key)
        yield f"{share.percent}% {words}" if share.percent else words


def _use(use: Decimal | None, unit: str) -> str:
    return NO_DASH if use is None else f"{plain_text(use)} {unit}".rstrip()


# What if ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownAlternative:
    """One key beside the present one: how many would pay more or less, how much would pass from some to others."""

    name: str
    more: int
    less: int
    same: int
    moved: Decimal
    lacking: str
    chart: Bars


@dataclass(frozen=True)
class ShownRow:
    """A unit or a building: its amount now, and by each alternative with the difference."""

    name: str
    count: int
    now: Decimal
    others: list[tuple[Decimal, Decimal]]


def what_if_page(found: WhatIf) -> dict[str, Any]:
    """Return the tiles, alternatives and buildings of a comparison; the units are the caller's to page through."""
    return {
        "pool": found.pool,
        "tiles": _tiles(found),
        "alternatives": [_shown_alternative(found, one) for one in found.alternatives],
        "heads": [key_words(one.key) for one in found.alternatives],
        "buildings": list(building_rows(found)),
        "all_units": total_row(found, ""),
    }


def now_words(found: WhatIf) -> str:
    """Say how the pool is shared now: `60% 按建筑面积，40% 按户`."""
    parts = [
        f"{part.percents[part.place]}% {key_words(part.key)}"
        if len(part.percents) > 1
        else key_words(part.key)
        for part in found.parts
    ]
    agreed = _("agreed: %(agreement)s") % {"agreement": found.pool.agreement} if found.pool.agreement else ""
    return _("; ").join(filter(None, [_(", ").join(parts), agreed]))


def _tiles(found: WhatIf) -> list[Tile]:
    return [
        Tile(_("Shared"), format_amount(found.whole), _("yuan"), note=format_period(found.period)),
        Tile(_("Participants"), format_number(len(found.codes))),
    ]


def _shown_alternative(found: WhatIf, one: Alternative) -> ShownAlternative:
    lacking = found.lacking[one.key]
    return ShownAlternative(
        name=key_words(one.key),
        more=int(one.rises.sum()),
        less=int(one.falls.sum()),
        same=int((one.difference_fen == 0).sum()),
        moved=to_yuan(one.moved_fen),
        lacking=ngettext(
            "%(count)s unit has no figure for it and would pay nothing.",
            "%(count)s units have no figure for it and would pay nothing.",
            lacking,
        )
        % {"count": format_number(lacking)}
        if lacking
        else "",
        chart=_draw_bands(one.difference_fen),
    )


def _draw_bands(difference_fen: IntArray) -> Bars:
    words = {
        -3: _("less by 20 yuan or more"),
        -2: _("less by 5 to 20 yuan"),
        -1: _("less by up to 5 yuan"),
        0: _("the same"),
        1: _("more by up to 5 yuan"),
        2: _("more by 5 to 20 yuan"),
        3: _("more by 20 yuan or more"),
    }
    bands = count_bands(difference_fen)
    rows = [
        BarRow(words[band], Decimal(count), format_number(count), accent=band > 0)
        for band, count in bands.items()
    ]
    return draw_bars(rows, width=420, step=30, names=150)


def building_rows(found: WhatIf) -> Iterator[ShownRow]:
    """Yield what each building pays now and would pay, in walking order."""
    buildings = np.array(found.buildings, dtype=object)
    for building in sorted(set(found.buildings), key=natural_key):
        yield total_row(found, building, np.flatnonzero(buildings == building))


def total_row(found: WhatIf, name: str, rows: IntArray | None = None) -> ShownRow:
    """Return the sums of these participants, of all of them without rows."""
    chosen: Any = slice(None) if rows is None else rows
    others = [
        (to_yuan(int(one.shares_fen[chosen].sum())), to_yuan(int(one.difference_fen[chosen].sum())))
        for one in found.alternatives
    ]
    now = found.now_fen[chosen]
    return ShownRow(name, int(now.size), to_yuan(int(now.sum())), others)


def unit_rows(found: WhatIf, places: Sequence[int]) -> list[ShownRow]:
    """Return the rows of these participants."""
    return [total_row(found, found.names[place], np.array([place])) for place in places]


def order_by_change(found: WhatIf) -> list[int]:
    """Return the participants with those first whose share would change most by any key."""
    if not found.alternatives:
        return list(range(len(found.codes)))
    most = np.max([np.abs(one.difference_fen) for one in found.alternatives], axis=0)
    order: list[int] = np.argsort(-most, kind="stable").tolist()
    return order


def what_if_sheet(found: WhatIf) -> SheetToWrite:
    """Return all participants as a sheet: now, and by each key with the difference."""
    heads = [text for one in found.alternatives for text in (key_words(one.key), _("Difference"))]
    rows: list[list[Cell]] = [
        [code, building, row.now, *(figure for pair in row.others for figure in pair)]
        for code, building, row in zip(
            found.codes, found.buildings, unit_rows(found, range(len(found.codes))), strict=True
        )
    ]
    return SheetToWrite(
        _("What if"), [_("Unit"), _("Building"), pgettext("share of a pool", "Now"), *heads], rows
    )
