"""What stands around every page, and the facts about a bill that several pages show."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse

from billing.domain.sheets import Contact
from core.phones import mask_name
from estates.models import Community
from portal.pages import Frame, StateView, Tabs
from portal.pages.frames import TabName
from portal.readers import Reader


def make_frame(reader: Reader, *, community: str = "", where: str = "", here: TabName = "") -> Frame:
    """The frame of a page; the menu is for people who are logged in."""
    tabs = None
    if reader.is_known:
        tabs = Tabs(*(reader.url(page) for page in ("home", "bills", "receipts", "me")))
    return Frame(
        community=community,
        where=where,
        as_of=reader.today,
        elder=reader.elder,
        elder_url=reverse("portal:elder"),
        tabs=tabs,
        here=here,
    )


def state_of_bill(outstanding: Decimal, due_on: date, as_of: date) -> StateView:
    """Paid, due with the days left, or overdue with the days since."""
    if outstanding <= 0:
        return StateView("paid")
    days = (due_on - as_of).days
    return StateView("due", days) if days >= 0 else StateView("overdue", -days)


def steward_of(community: Community) -> Contact:
    """Whom to ask, masked as on every page."""
    return Contact(mask_name(community.steward_name), community.service_phone)


def phone_link(community: Community) -> str:
    """The address that calls the service centre; empty when no number is known."""
    return f"tel:{community.service_phone}" if community.service_phone else ""


def with_place(bills: Any) -> Any:
    """Load what naming a bill needs in the same query."""
    return bills.select_related("account__unit__building", "account__payer", "community__company")
