"""What the pages of opening balances show."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.domain.opening_rows import Kind
from billing.models import OpeningImport, OpeningItem, OpeningKind
from billing.services.opening import OpeningOutcome
from billing.services.opening_undo import list_hanging
from core.cards import FlowStep, Tile
from core.errors import Problem
from core.figures import format_money, format_number
from core.money import ZERO

MOST_PROBLEMS = 300
MOST_ITEMS = 300


def opening_steps(current: int) -> list[FlowStep]:
    """Return the steps of an import with the current one marked."""
    labels = (_("Choose the file"), _("Look at it"), _("Done"))
    return [FlowStep(label, step < current, step == current) for step, label in enumerate(labels, start=1)]


def preview_page(outcome: OpeningOutcome) -> dict[str, Any]:
    """Return the tiles and findings of a file; blocking findings come first."""
    plan = outcome.plan
    sums = {kind: plan.total(kind) for kind in Kind}
    counts = {kind: plan.count(kind) for kind in Kind}
    return {
        **_problems([problem.as_dict() for problem in outcome.problems]),
        "tiles": _tiles(sums, counts),
        "new_fees": plan.new_fees,
        "counts": plan.counts,
        "is_idle": not plan.entries,
    }


def import_page(record: OpeningImport) -> dict[str, Any]:
    """Return an import with its facts, its findings, and what would keep it from being undone."""
    items = OpeningItem.objects.filter(opening=record)
    grouped = items.order_by().values_list("kind").annotate(sum=Sum("amount"))
    sums = {Kind(kind): amount for kind, amount in grouped}
    counts = {kind: items.filter(kind=kind.value).count() for kind in Kind}
    rows = items.select_related("account__unit", "account__payer", "fee_item", "line__bill").order_by(
        "sheet", "row"
    )
    hanging: Sequence[Problem] = () if record.undone_at else list_hanging(record)
    return {
        **_problems(record.problems),
        "record": record,
        "tiles": _tiles({kind: sums.get(kind, ZERO) for kind in Kind}, counts),
        "items": rows[:MOST_ITEMS],
        "items_left": max(0, sum(counts.values()) - MOST_ITEMS),
        "hanging": hanging,
        "kinds": OpeningKind,
    }


def _tiles(sums: dict[Kind, Decimal], counts: dict[Kind, int]) -> list[Tile]:
    entries = _("entries")
    return [
        Tile(
            _("Still owed"),
            format_money(sums[Kind.OWED]),
            "",
            note=f"{format_number(counts[Kind.OWED])} {entries}",
        ),
        Tile(_("Prepaid"), format_money(sums[Kind.PREPAID]), ""),
        Tile(_("Deposits held"), format_money(sums[Kind.DEPOSIT]), ""),
        Tile(_("Paid before"), format_number(counts[Kind.HISTORY]), entries, note=_("kept as history")),
    ]


def _problems(problems: Sequence[dict[str, Any]]) -> dict[str, Any]:
    ordered = sorted(problems, key=lambda problem: not problem["blocks"])
    placed = [
        {**problem, "where": {name: problem.get(name, "") for name in ("sheet", "row", "column", "value")}}
        for problem in ordered[:MOST_PROBLEMS]
    ]
    return {"problems": placed, "problems_left": max(0, len(ordered) - MOST_PROBLEMS)}
