"""Who may log in, in which role, and how far they can see."""

from __future__ import annotations

from functools import cached_property

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.scope import Scope
from estates.models import Community, Company, Person
from users.roles import Role, permissions_of


class User(AbstractUser):
    """A log-in: staff by name and password, an owner by a phone number that stands in the register.

    A phone may stand beside several people (a couple, one person in two companies): its log-in sees the
    units of all of them. ``session_version`` ends every open session when rights change (S-04).
    """

    phone = models.CharField(_("phone"), max_length=20, null=True, unique=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    elder_mode = models.BooleanField(_("large type"), default=False)
    session_version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @cached_property
    def roles(self) -> frozenset[Role]:
        """The roles this log-in holds anywhere; an owner's log-in holds ``Role.OWNER`` alone."""
        held = frozenset(Role(role) for role in self.memberships.values_list("role", flat=True))
        return held or (frozenset({Role.OWNER}) if self.phone and not self.is_staff else frozenset())

    def get_full_name(self) -> str:
        """Family name first, as in Chinese."""
        return f"{self.last_name}{self.first_name}"

    def may(self, permission: str) -> bool:
        """Say whether one of the roles carries the permission. Objects are narrowed by ``scope``."""
        return self.is_active and (self.is_superuser or permission in permissions_of(self.roles))

    @cached_property
    def scope(self) -> Scope:
        """The communities a member of staff works in, or the people an owner's phone stands for."""
        if self.is_superuser:
            return Scope(everything=True)
        if self.is_staff:
            return Scope(community_ids=frozenset(self._communities().values_list("id", flat=True)))
        people = Person.objects.filter(phone=self.phone) if self.phone else Person.objects.none()
        return Scope(person_ids=frozenset(people.values_list("id", flat=True)))

    def _communities(self) -> models.QuerySet[Community]:
        named = Q(members__user=self)
        whole_company = Q(company__members__user=self, company__members__community=None)
        return Community.objects.filter(named | whole_company).distinct()


class Membership(models.Model):
    """One role of one member of staff, in one community or, with none named, in the whole company."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    company = models.ForeignKey(Company, models.CASCADE, related_name="members", verbose_name=_("company"))
    community = models.ForeignKey(
        Community, models.CASCADE, null=True, blank=True, related_name="members", verbose_name=_("community")
    )

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role", "company", "community"],
                nulls_distinct=False,
                name="users_membership_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class OneTimeCode(models.Model):
    """A log-in code sent to a phone: hashed, single use, bound to phone, browser session and purpose (S-15)."""

    phone_hash = models.CharField(max_length=64, db_index=True)
    session_hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    code_hash = models.CharField(max_length=64)
    address = models.GenericIPAddressField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["phone_hash", "created_at"])]

    def __str__(self) -> str:
        return f"code {self.pk}"
