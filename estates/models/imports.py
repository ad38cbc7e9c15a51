"""Files taken into the register, and what any file that is taken in leaves behind."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models.register import Community


class FileImport(models.Model):
    """A file taken in: how many rows became what, what it could not take and why, who brought it, who took it back."""

    file_name = models.CharField(_("file"), max_length=200)
    file_hash = models.CharField(_("SHA-256"), max_length=64)
    created_count = models.PositiveIntegerField(_("new"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)
    problems = models.JSONField(_("problems"), default=list)
    imported_by = models.CharField(_("imported by"), max_length=150, blank=True)
    imported_at = models.DateTimeField(_("imported at"))
    undone_by = models.CharField(_("undone by"), max_length=150, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["-imported_at"]

    def __str__(self) -> str:
        return self.file_name


class RosterImport(FileImport):
    """One roster file taken in; ``written`` is what it takes to undo it."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="roster_imports", verbose_name=_("community")
    )
    updated_count = models.PositiveIntegerField(_("changed"), default=0)
    written = models.JSONField(default=dict, encoder=DjangoJSONEncoder, editable=False)

    class Meta(FileImport.Meta):
        verbose_name = _("roster import")
        verbose_name_plural = _("roster imports")
