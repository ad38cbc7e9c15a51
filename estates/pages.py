"""What the roster pages show, as values in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.cards import FlowStep, Tile
from core.figures import format_date, format_number
from estates.domain.plan import Change, Plan
from estates.models import RosterImport, UnitKind, UnitState
from estates.services.meter_register import MetersOutcome
from estates.services.readings import ReadingsOutcome
from estates.services.roster import RosterOutcome

FACTS = {
    "floor": gettext_lazy("floor"),
    "kind": gettext_lazy("kind"),
    "state": gettext_lazy("state"),
    "area_m2": gettext_lazy("building area, m²"),
    "inner_area_m2": gettext_lazy("inner area, m²"),
    "handed_over_on": gettext_lazy("handed over on"),
    "phone": gettext_lazy("phone"),
    "id_number": gettext_lazy("ID number"),
}
MOST_PROBLEMS = 300
MOST_CHANGES = 100
MOST_UNITS = 30


@dataclass(frozen=True)
class ShownChange:
    """A changed fact: of which unit, which one, from what to what."""

    unit: str
    fact: str
    before: str
    after: str


@dataclass(frozen=True)
class ShownUnit:
    """A new unit as the preview lists it."""

    code: str
    kind: str
    state: str
    area_m2: Decimal | None


def roster_steps(current: int) -> list[FlowStep]:
    """Return the steps of an import with the current one marked."""
    labels = (_("Choose the file"), _("Look at it"), _("Done"))
    return [FlowStep(label, step < current, step == current) for step, label in enumerate(labels, start=1)]


def preview_page(outcome: RosterOutcome) -> dict[str, Any]:
    """Return the tiles, findings, changes and new units of a preview; long lists are cut, with their length."""
    problems = [problem.as_dict() for problem in outcome.problems]
    plan = outcome.plan
    return {
        **_findings(problems),
        "tiles": roster_tiles(outcome.counts),
        "changes": [_shown_change(change) for change in plan.changes[:MOST_CHANGES]],
        "changes_left": max(0, len(plan.changes) - MOST_CHANGES),
        "new_units": _new_units(plan),
        "new_units_left": max(0, len(plan.new_units) - MOST_UNITS),
        "is_idle": plan.is_empty,
        "outcome": outcome,
    }


def result_page(record: RosterImport) -> dict[str, Any]:
    """Return the tiles and findings of an import that was made."""
    counts = {
        "created": record.created_count,
        "updated": record.updated_count,
        "unchanged": record.unchanged_count,
        "rejected": record.rejected_count,
    }
    return {**_findings(record.problems), "tiles": roster_tiles(counts), "record": record}


def meters_page(outcome: MetersOutcome) -> dict[str, Any]:
    """Return the tiles and findings of an import of meters."""
    problems = [problem.as_dict() for problem in outcome.problems]
    is_idle = not (outcome.counts["created"] or outcome.counts["updated"])
    return {**_findings(problems), "tiles": roster_tiles(outcome.counts), "is_idle": is_idle}


def readings_page(outcome: ReadingsOutcome) -> dict[str, Any]:
    """Return the tiles and findings of an import of readings."""
    rows = _("rows")
    tiles = [
        Tile(_("New"), format_number(outcome.counts["created"]), rows),
        Tile(_("Unchanged"), format_number(outcome.counts["unchanged"]), rows),
        Tile(_("Left out"), format_number(outcome.counts["rejected"]), rows),
        Tile(_("To look at"), format_number(outcome.held), rows),
        Tile(_("New meters"), format_number(outcome.meters_created)),
    ]
    problems = [problem.as_dict() for problem in outcome.problems]
    has_jumps = any(problem["code"] == "far_above_usual" for problem in problems)
    return {**_findings(problems), "tiles": tiles, "outcome": outcome, "has_jumps": has_jumps}


def roster_tiles(counts: Any) -> list[Tile]:
    """Return the four figures of an import."""
    rows = _("rows")
    return [
        Tile(_("New"), format_number(counts["created"]), rows),
        Tile(_("Changed"), format_number(counts["updated"]), rows),
        Tile(_("Unchanged"), format_number(counts["unchanged"]), rows),
        Tile(_("Left out"), format_number(counts["rejected"]), rows, note=_("with reasons, below")),
    ]


def _findings(problems: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Blocking findings come first, in the order of the file."""
    ordered = sorted(problems, key=lambda problem: not problem["blocks"])
    return {
        "problems": [_placed(problem) for problem in ordered[:MOST_PROBLEMS]],
        "problems_left": max(0, len(ordered) - MOST_PROBLEMS),
    }


def _placed(problem: dict[str, Any]) -> dict[str, Any]:
    where = {name: problem.get(name, "") for name in ("sheet", "row", "column", "value")}
    return {**problem, "where": where}


def _new_units(plan: Plan) -> list[ShownUnit]:
    return [
        ShownUnit(name.code, _label(UnitKind, facts.kind), _label(UnitState, facts.state), facts.area_m2)
        for name, facts in islice(plan.new_units.items(), MOST_UNITS)
    ]


def _shown_change(change: Change) -> ShownChange:
    """Return a change in words; of a phone or an ID number only that it changed, not its value."""
    if change.fact in ("phone", "id_number"):
        fact = str(FACTS[change.fact])
        return ShownChange(change.unit, fact, str(change.before), _("another one"))
    fact = str(FACTS[change.fact])
    return ShownChange(
        change.unit, fact, _shown(change.fact, change.before), _shown(change.fact, change.after)
    )


def _shown(fact: str, value: object) -> str:
    if value is None:
        return "—"
    if fact in ("kind", "state"):
        return _label(UnitKind if fact == "kind" else UnitState, str(value))
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return format_date(value) if isinstance(value, date) else str(value)


def _label(choices: type[UnitKind] | type[UnitState], value: str | None) -> str:
    return str(choices(value).label) if value else "—"
