"""Takes a roster import back, while nothing hangs on what it brought.

An import remembers the rows it made and what it changed (`RosterImport.written`). Apps above hang their rows on units
and people by foreign keys; those are found by asking every model, so that nobody has to register.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, events
from core.errors import ConflictError, Problem
from estates.models import Building, Company, Occupancy, Person, RosterImport, Unit
from estates.services.roster_writing import mark_top_floors

MODELS: Mapping[str, type[models.Model]] = {
    "occupancy": Occupancy,
    "unit": Unit,
    "person": Person,
    "building": Building,
}
"""What an import makes, in the order in which it can go."""

SHOWN = 10


class RosterUndoneError(ConflictError):
    """The import was taken back before, or is older than the memory of imports."""

    code = "estates.roster_undone"
    message = gettext_lazy("This import has been undone already, or is from before imports could be undone.")


class RosterInUseError(ConflictError):
    """Something hangs on what the import brought; the problems say what."""

    code = "estates.roster_in_use"


@transaction.atomic
def undo_roster(*, record: RosterImport, by: Any, now: datetime) -> RosterImport:
    """Remove the rows an import made and put back what it changed. Publishes ``estates.roster_undone``.

    Refused with a list of what hangs on it: rows of any app that name a unit or person it made, ties that ended, and
    facts that were changed again since.

    Raises RosterUndoneError, RosterInUseError.
    """
    found = RosterImport.objects.select_for_update(of=("self",)).select_related("community")
    record = found.get(pk=record.pk)
    Company.objects.select_for_update(no_key=True).get(pk=record.community.company_id)
    if record.undone_at or not record.written:
        raise RosterUndoneError()
    if problems := list_hanging(record):
        what = _(", ").join(str(problem.message) for problem in problems)
        raise RosterInUseError(
            _("This cannot be undone any more: %(what)s.") % {"what": what}, problems=problems
        )
    _remove(record)
    _put_back(record)
    mark_top_floors(record.community)
    record.undone_by, record.undone_at = str(by or "")[:150], now
    record.save(update_fields=["undone_by", "undone_at"])
    audit.record(
        action="estates.undo_roster",
        target=record,
        by=by,
        community_id=record.community_id,
        reason=record.file_name,
    )
    events.publish("estates.roster_undone", import_id=record.pk, community_id=record.community_id)
    return record


def list_hanging(record: RosterImport) -> list[Problem]:
    """Return what keeps an import from being undone, one problem a kind."""
    return [*_references(record), *_ended_ties(record), *_changed_since(record)]


def _references(record: RosterImport) -> Iterator[Problem]:
    """Rows of any model that point at a row the import made, but for those it made itself."""
    created: Mapping[str, Sequence[int]] = record.written["created"]
    own = {MODELS[name]: ids for name, ids in created.items()}
    for model, ids in own.items():
        for relation in _relations(model) if ids else ():
            rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": ids})
            count = rows.exclude(pk__in=own.get(relation.related_model, ())).count()
            if count:
                words = {"count": count, "what": relation.related_model._meta.verbose_name_plural}
                yield Problem("roster_referenced", _("%(count)s %(what)s") % words)


def _relations(model: type[models.Model]) -> list[Any]:
    fields = model._meta.get_fields(include_hidden=True)
    return [field for field in fields if (field.one_to_many or field.one_to_one) and field.auto_created]


def _ended_ties(record: RosterImport) -> Iterator[Problem]:
    ties = Occupancy.objects.filter(pk__in=record.written["created"]["occupancy"]).exclude(end=None)
    if codes := list(ties.order_by("unit__sort_key").values_list("unit__code", flat=True)[:SHOWN]):
        yield Problem(
            "roster_ties_ended", _("people who have left since (%(units)s)") % {"units": "、".join(codes)}
        )


def _changed_since(record: RosterImport) -> Iterator[Problem]:
    """Rows the import changed and somebody changed again, or removed."""
    for name, changes in record.written["changed"].items():
        held = MODELS[name]._base_manager.in_bulk([int(pk) for pk in changes])
        others = [
            held.get(int(pk))
            for pk, (_before, after) in changes.items()
            if not _says(held.get(int(pk)), after)
        ]
        if others:
            words = {
                "what": MODELS[name]._meta.verbose_name_plural,
                "names": "、".join(str(row or "—") for row in others[:SHOWN]),
            }
            yield Problem("roster_changed_since", _("%(what)s changed again since (%(names)s)") % words)


def _says(row: models.Model | None, facts: Mapping[str, Any]) -> bool:
    return row is not None and all(
        getattr(row, name) == value for name, value in _typed(type(row), facts).items()
    )


def _typed(model: type[models.Model], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts as the model's fields hold them; JSON has dates and decimals as text."""
    named = ((model._meta.get_field(name), value) for name, value in facts.items())
    return {field.name: field.to_python(value) for field, value in named if isinstance(field, models.Field)}


def _remove(record: RosterImport) -> None:
    created: Mapping[str, Iterable[int]] = record.written["created"]
    for name, model in MODELS.items():
        model._base_manager.filter(pk__in=list(created[name])).delete()


def _put_back(record: RosterImport) -> None:
    for name, changes in record.written["changed"].items():
        for pk, (before, _after) in changes.items():
            MODELS[name]._base_manager.filter(pk=int(pk)).update(**_typed(MODELS[name], before))
