"""Messages to households: their wording, their rules, and one row for each that was planned."""

from __future__ import annotations

from datetime import datetime, time
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet
from estates.models import Community, Person
from messaging.domain.hours import Caps, Window
from messaging.domain.lifecycle import MessageState

STATES = [
    (MessageState.PLANNED.value, _("planned")),
    (MessageState.SENDING.value, _("being sent")),
    (MessageState.SENT.value, _("sent")),
    (MessageState.DELIVERED.value, _("delivered")),
    (MessageState.OPENED.value, _("opened")),
    (MessageState.UNKNOWN.value, _("unknown")),
    (MessageState.FAILED.value, _("failed")),
    (MessageState.DROPPED.value, _("not sent")),
]


class ContactPolicy(models.Model):
    """The hours and caps of a community; stricter than the hard stop of 22:00 to 08:00, never looser."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.OneToOneField(
        Community, models.CASCADE, related_name="contact_policy", verbose_name=_("community")
    )
    opens = models.TimeField(_("messages from"), default=time(9, 0))
    closes = models.TimeField(_("messages until"), default=time(20, 0))
    per_day = models.PositiveSmallIntegerField(_("reminders a day"), default=1)
    per_week = models.PositiveSmallIntegerField(_("reminders a week"), default=3)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact policy")
        verbose_name_plural = _("contact policies")

    def __str__(self) -> str:
        return str(self.community)

    @property
    def window(self) -> Window:
        """The hours in which messages may leave."""
        return Window(self.opens, self.closes)

    @property
    def caps(self) -> Caps:
        """How often one person may be reminded."""
        return Caps(self.per_day, self.per_week)


class MessageTemplate(models.Model):
    """A community's own wording for one kind of message in one language; without one our default is used."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[None] = None

    community = models.ForeignKey(
        Community, models.CASCADE, related_name="message_templates", verbose_name=_("community")
    )
    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    subject = models.CharField(_("subject"), max_length=100)
    body = models.TextField(_("text"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        constraints = [
            models.UniqueConstraint(fields=["community", "kind", "language"], name="messaging_template_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language}"


class OutboundQuerySet(ScopedQuerySet):
    """Predicates of messages."""

    def due(self, now: datetime) -> OutboundQuerySet:
        """Planned messages whose hour has come."""
        return self.filter(state=MessageState.PLANNED, not_before__lte=now)


class OutboundMessage(models.Model):
    """One message to one person. ``dedupe_key`` says what it is about: planned twice, it is one row.

    ``subjects`` names the rows it speaks of, such as ``{"bills": [12, 13]}``. Subject and body are empty until
    the message leaves: they are written from the figures of that moment.
    """

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "person_id"

    dedupe_key = models.CharField(max_length=120, unique=True)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="messages", verbose_name=_("community")
    )
    person = models.ForeignKey(Person, models.PROTECT, related_name="messages", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=40)
    subjects = models.JSONField(default=dict)
    channel = models.CharField(_("channel"), max_length=20, blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    subject = models.CharField(_("subject"), max_length=100, blank=True)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default=MessageState.PLANNED.value)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    not_before = models.DateTimeField(_("not before"))
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    provider_id = models.CharField(_("provider's id"), max_length=80, blank=True)

    objects = OutboundQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=models.Q(state="planned"),
                name="messaging_planned",
            ),
            models.Index(fields=["person", "sent_at"], name="messaging_person_sent"),
        ]

    def __str__(self) -> str:
        return self.dedupe_key


class DeliveryFact(models.Model):
    """One thing that happened to a message, in the order it happened: the proof of delivery. Append-only."""

    message = models.ForeignKey(
        OutboundMessage, models.PROTECT, related_name="facts", verbose_name=_("message")
    )
    state = models.CharField(_("state"), max_length=10, choices=STATES)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    happened_at = models.DateTimeField(_("happened at"))

    class Meta:
        verbose_name = _("delivery fact")
        verbose_name_plural = _("delivery facts")
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"
