"""Sections of the settings page of a community: every app brings the rules it keeps.

An app declares them in its `policies.py`, which is imported at start:

    register_section(Section("billing", 20, _("Bills"), form=BillingPolicyForm, find=find_billing_policy))

The page shows all sections in their order, saves one at a time and writes the change into the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.forms import ModelForm
from django.utils.functional import Promise

from core import audit

Find = Callable[[Any], models.Model]
"""Returns the row of a community, or an unsaved one with the defaults."""


@dataclass(frozen=True)
class Section:
    """A part of the page: its name in the form, its place, heading and lead, its form, and how its row is found."""

    name: str
    order: int
    title: str | Promise
    form: type[ModelForm[Any]]
    find: Find
    lead: str | Promise = ""


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Put a section onto the page."""
    _sections[section.name] = section


def list_sections() -> list[Section]:
    """All sections in the order of the page."""
    return sorted(_sections.values(), key=lambda section: section.order)


def row_of(model: type[models.Model]) -> Find:
    """Find rows of a model that has one row a community, or none and its defaults."""

    def find(community: Any) -> models.Model:
        stored = model._default_manager.filter(community=community).first()
        return stored or model(community=community)

    return find


def newest_of(model: type[models.Model]) -> Find:
    """Find the version that was set last of a model whose rows hold from ``start`` on, or one of its defaults."""

    def find(community: Any) -> models.Model:
        newest = model._default_manager.filter(community=community).order_by("-start").first()
        return newest or model(community=community)

    return find


class VersionForm(ModelForm):
    """A rule that holds from ``start`` on: another day makes another row, the same day corrects its own."""

    def clean(self) -> dict[str, Any]:
        """Find the row of the day, or begin one."""
        cleaned = super().clean() or {}
        if "start" not in cleaned:
            return cleaned
        versions = self._meta.model._default_manager.filter(community=self.instance.community_id)
        self.instance.pk = versions.filter(start=cleaned["start"]).values_list("pk", flat=True).first()
        self.instance._state.adding = self.instance.pk is None
        return cleaned


@transaction.atomic
def save_section(*, section: Section, form: ModelForm[Any], community: Any, by: Any) -> bool:
    """Save a valid form of a section and record what changed; return whether anything did."""
    if not form.changed_data:
        return False
    before = {name: form.initial.get(name) for name in form.changed_data}
    row = form.save()
    audit.record(
        action=f"settings.{section.name}",
        target=row,
        by=by,
        community_id=community.pk,
        before=before,
        after={name: getattr(row, name) for name in form.changed_data},
    )
    return True
