"""The register: company, community, building, unit, person, who holds what, and the meters.

Spans are half-open: ``start`` is the first day, ``end`` the first day after; no ``end`` means still running.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet


def day_range(start: str = "start", end: str = "end") -> Func:
    """The SQL range of a half-open span, for exclusion constraints."""
    return Func(F(start), F(end), function="daterange")


class SpanQuerySet(ScopedQuerySet):
    """Rows that hold from ``start`` until the day before ``end``."""

    def on(self, day: date) -> SpanQuerySet:
        """Rows in force on the day."""
        return self.filter(Q(end=None) | Q(end__gt=day), start__lte=day)

    def overlapping(self, start: date, end: date) -> SpanQuerySet:
        """Rows in force on at least one day of the half-open span."""
        return self.filter(Q(end=None) | Q(end__gt=start), start__lt=end)


class Company(models.Model):
    """A property-management company: the tenant of the platform."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    credit_code = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("service phone"), max_length=30, blank=True)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")

    def __str__(self) -> str:
        return self.name


class Community(models.Model):
    """A residential project run by one company; everything below it carries its id for scoping."""

    scope_community: ClassVar[str] = "id"
    scope_person: ClassVar[str] = "units__occupancies__person_id"

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="communities", verbose_name=_("company")
    )
    code = models.SlugField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=100)
    city = models.CharField(_("city"), max_length=50, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    steward_name = models.CharField(_("steward"), max_length=50, blank=True)
    service_phone = models.CharField(_("service phone"), max_length=30, blank=True)
    service_hours = models.CharField(_("service hours"), max_length=50, blank=True)
    city_pack = models.CharField(
        _("local rules"),
        max_length=20,
        blank=True,
        default="",
        help_text=_("The regulation of the city or province; where it is silent, national law."),
    )
    developer = models.ForeignKey(
        "Person",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="developed",
        verbose_name=_("developer"),
        help_text=_("Owes for units that are unsold or not handed over (Regulation art. 41)."),
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("communities")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """A building, named by the number people use for it."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "units__occupancies__person_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="buildings", verbose_name=_("community")
    )
    code = models.CharField(_("building"), max_length=20)
    floors = models.PositiveSmallIntegerField(_("floors"), null=True, blank=True)
    has_lift = models.BooleanField(_("has a lift"), null=True, blank=True)
    sort_key = models.CharField(max_length=60, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ["sort_key"]
        constraints = [models.UniqueConstraint(fields=["community", "code"], name="estates_building_code")]

    def __str__(self) -> str:
        return self.code


class UnitKind(models.TextChoices):
    """What a unit is (A1)."""

    HIGH_RISE = "high_rise", _("high-rise flat")
    TOWNHOUSE = "townhouse", _("town house")
    VILLA = "villa", _("villa")
    SHOP = "shop", _("shop")
    OFFICE = "office", _("office")
    PARKING = "parking", _("parking space")
    STORAGE = "storage", _("storage room")


class UnitState(models.TextChoices):
    """What billing needs to know about a unit's use (A2)."""

    UNSOLD = "unsold", _("unsold")
    NOT_HANDED_OVER = "not_handed_over", _("not handed over")
    VACANT = "vacant", _("vacant")
    OCCUPIED = "occupied", _("occupied")
    LET = "let", _("let")
    RENOVATING = "renovating", _("being renovated")


def name_unit(code: str, kind: str, building: str | None, stair: str, room: str) -> str:
    """Return how people name a unit of these columns; ``building`` is the building's code. See `Unit.label`."""
    if kind == UnitKind.PARKING:
        lot = "" if stair in ("", "0") else f"{stair}-"
        return gettext("Parking space %(room)s") % {"room": f"{lot}{room}"}
    if building is None:
        return code
    where = {"building": building, "stair": stair, "room": room}
    if stair in ("", "0"):
        return gettext("Building %(building)s, %(room)s") % where
    return gettext("Building %(building)s, stair %(stair)s, %(room)s") % where


class Unit(models.Model):
    """A dwelling, shop, office, parking space or storage room; the code reads building-stair-room."""

    scope_community: ClassVar[str] = "community_id"
    scope_person: ClassVar[str] = "occupancies__person_id"

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="units", verbose_name=_("community")
    )
    building = models.ForeignKey(
        Building, models.PROTECT, null=True, blank=True, related_name="units", verbose_name=_("building")
    )
    code = models.CharField(_("unit"), max_length=40)
    stair = models.CharField(_("stair"), max_length=10, blank=True)
    room = models.CharField(_("room"), max_length=20)
    floor = models.SmallIntegerField(_("floor"), null=True, blank=True)
    is_top_floor = models.BooleanField(_("top floor"), default=False)
    kind = models.CharField(_("kind"), max_length=20, choices=UnitKind.choices)
    state = models.CharField(_("state"), max_length=20, choices=UnitState.choices, default=UnitState.OCCUPIED)
    area_m2 = models.DecimalField(
        _("building area, m²"), null=True, blank=True, max_digits=14, decimal_places=4
    )
    inner_area_m2 = models.DecimalField(
        _("inner area, m²"), null=True, blank=True, max_digits=14, decimal_places=4
    )
    handed_over_on = models.DateField(_("handed over on"), null=True, blank=True)
    sort_key = models.CharField(max_length=80, editable=False, db_index=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering = ["sort_key"]
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], name="estates_unit_code"),
            models.CheckConstraint(
                condition=Q(area_m2=None) | Q(area_m2__gt=0), name="estates_unit_area_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def label(self) -> str:
        """How people name it: 8栋2单元301, 8栋12, 车位 B1-0023 as it is painted there."""
        building = None if self.building is None else self.building.code
        return name_unit(self.code, self.kind, building, self.stair, self.room)

    @property
    def is_developers(self) -> bool:
        """Whether the developer owes for it: unsold, or not handed over (Regulation art. 41)."""
        return self.state in (UnitState.UNSOLD, UnitState.NOT_HANDED_OVER)


class PersonKind(models.TextChoices):
    """A human being, or a company that owns or develops units."""

    NATURAL = "natural", _("person")
    LEGAL = "legal", _("company")


class Person(models.Model):
    """Someone who holds or pays for units of a company's communities; known by name and phone together.

    Without a phone a name says little: two neighbours of one name are two people.
    """

    scope_community: ClassVar[str] = "occupancies__unit__community_id"
    scope_person: ClassVar[str] = "id"

    company = models.ForeignKey(Company, models.PROTECT, related_name="people", verbose_name=_("company"))
    name = models.CharField(_("name"), max_length=100)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    email = models.EmailField(_("e-mail"), blank=True)
    id_number = models.CharField(_("ID number"), max_length=18, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=PersonKind.choices, default=PersonKind.NATURAL)
    contact_source = models.CharField(
        _("source of the contact"), max_length=50, blank=True, help_text=_("A lawful source must be named.")
    )
    lives_alone_elderly = models.BooleanField(_("elderly, living alone"), default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name", "phone"], condition=~Q(phone=""), name="estates_person_name_phone"
            )
        ]

    def __str__(self) -> str:
        return self.name


class OccupancyRole(models.TextChoices):
    """How a person is tied to a unit; the codes 1001–1004 of MicroCommunity."""

    OWNER = "owner", _("owner")
    FAMILY = "family", _("family member")
    TENANT = "tenant", _("tenant")
    TEMPORARY = "temporary", _("temporary")


class Occupancy(models.Model):
    """A person's tie to a unit over time. At most one of a unit's people is its payer on any day."""

    scope_community: ClassVar[str] = "unit__community_id"
    scope_person: ClassVar[str] = "person_id"

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="occupancies", verbose_name=_("unit"))
    person = models.ForeignKey(Person, models.PROTECT, related_name="occupancies", verbose_name=_("person"))
    role = models.CharField(
        _("role"), max_length=10, choices=OccupancyRole.choices, default=OccupancyRole.OWNER
    )
    is_payer = models.BooleanField(_("pays"), default=False)
    start = models.DateField(_("from"))
    end = models.DateField(_("until"), null=True, blank=True)

    objects = SpanQuerySet.as_manager()

    class Meta:
        verbose_name = _("occupancy")
        verbose_name_plural = _("occupancies")
        constraints = [
            ExclusionConstraint(
                name="estates_occupancy_once",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (day_range(), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="estates_occupancy_one_payer",
                expressions=[("unit", RangeOperators.EQUAL), (day_range(), RangeOperators.OVERLAPS)],
                condition=Q(is_payer=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.person}"
