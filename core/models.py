"""Rows of the kernel: the outbox and its deliveries, the audit trail, nightly jobs and holidays."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet


class OutboxEvent(models.Model):
    """Something that happened, written in the transaction in which it happened."""

    name = models.CharField(_("event"), max_length=100)
    payload = models.JSONField(_("payload"), default=dict)
    created_at = models.DateTimeField(_("written at"), db_default=Now())
    relayed_at = models.DateTimeField(_("relayed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index("id", name="outbox_unrelayed", condition=models.Q(relayed_at__isnull=True))]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class EventDelivery(models.Model):
    """One event on its way to one subscriber."""

    class State(models.TextChoices):
        PENDING = "pending", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        DEAD = "dead", _("given up")

    event = models.ForeignKey(
        OutboxEvent, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("event")
    )
    subscriber = models.CharField(_("subscriber"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("not before"))
    claimed_by = models.CharField(_("claimed by"), max_length=64, blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("event delivery")
        verbose_name_plural = _("event deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once_per_subscriber")
        ]
        indexes = [
            models.Index(
                "next_try_at", name="delivery_open", condition=models.Q(state__in=["pending", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.subscriber}"


class AuditRecord(models.Model):
    """Who did what to which thing, and why. Never changed: triggers refuse it.

    The actor, the thing and the community are kept as plain numbers and text, because the record outlives
    them. The records of one community form a chain: `hash` covers the row and the hash before it. Number
    and hashes are filled in by the database when the transaction commits, so that the order of the chain
    is the order of the commits.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    at = models.DateTimeField(_("at"), db_default=Now())
    action = models.CharField(_("action"), max_length=100)
    actor_id = models.BigIntegerField(_("actor number"), null=True, blank=True)
    actor = models.CharField(_("actor"), max_length=200, blank=True)
    community_id = models.BigIntegerField(_("community"), null=True, blank=True)
    target_type = models.CharField(_("kind of thing"), max_length=100)
    target_id = models.CharField(_("thing"), max_length=200, blank=True)
    before = models.JSONField(_("before"), null=True, blank=True)
    after = models.JSONField(_("after"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    digest = models.CharField(_("digest of the content"), max_length=64)
    number = models.BigIntegerField(_("number in the chain"), null=True, blank=True)
    previous_hash = models.CharField(_("hash before"), max_length=64, null=True, blank=True)
    hash = models.CharField(_("hash"), max_length=64, null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit trail")
        constraints = [
            models.UniqueConstraint(Coalesce("community_id", 0), "number", name="audit_one_number_per_chain")
        ]
        indexes = [
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["community_id", "at"], name="audit_by_community"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"


class JobRun(models.Model):
    """One nightly job on one business day; the pair is unique: a second scheduler finds it taken (P-43)."""

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    job = models.CharField(_("job"), max_length=100)
    day = models.DateField(_("business day"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField(_("started at"), db_default=Now())
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("nightly job")
        verbose_name_plural = _("nightly jobs")
        constraints = [models.UniqueConstraint(fields=["job", "day"], name="job_once_per_day")]

    def __str__(self) -> str:
        return f"{self.job} {self.day}"


class Holiday(models.Model):
    """A day on which the calendar departs from the week, as announced; overrides the bundled calendar."""

    day = models.DateField(_("day"), unique=True)
    is_workday = models.BooleanField(_("people work"), default=False)
    name = models.CharField(_("name"), max_length=50, blank=True)

    class Meta:
        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
