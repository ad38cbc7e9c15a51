"""The menu of the staff pages: six groups, and in each what this person may open.

What a page asks for is read from the page itself, so the menu never shows what would be refused. Counts stand
beside what waits for somebody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from billing.models import RunProblem, RunState, UnitChange
from billing.selectors.requests import count_to_decide
from core.access import Access, Door, declared_access, may
from core.figures import format_number
from estates.selectors.checks import count_checks
from estates.selectors.vacancies import list_to_look_at
from payments.models import PaymentException, Payout
from users.acting import acting_user
from users.models import User

OVERVIEW = "dashboards:overview"


@dataclass(frozen=True)
class Item:
    """A link: its name, its route, its sign, how to count what waits there, and where else its pages lie."""

    title: Promise
    route: str
    icon: str
    count: Callable[[User], int] | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """A heading and its links."""

    title: Promise
    items: tuple[Item, ...]


def count_exceptions(user: User) -> int:
    """Payments that no rule could settle and nobody has settled yet."""
    return PaymentException.objects.visible_to(user).filter(closed_at=None).count()


def count_payouts(user: User) -> int:
    """Requests of others to give money back that nobody has decided yet."""
    return Payout.objects.visible_to(user).waiting().exclude(requested_by=user).count()


def count_parked(user: User) -> int:
    """Accounts parked by runs that are not issued yet."""
    waiting = RunProblem.objects.visible_to(user).filter(blocks=True)
    return waiting.exclude(run__state=RunState.ISSUED).count()


def count_changes(user: User) -> int:
    """Changes of units that wait for a second person."""
    return UnitChange.objects.visible_to(user).waiting().count()


def count_vacancies(user: User) -> int:
    """Applications that nobody has decided, and vacancies that use has ended and nobody has looked at."""
    return int(list_to_look_at(user).count())


MENU = (
    Group(
        pgettext_lazy("menu", "Look"),
        (Item(pgettext_lazy("menu", "Overview"), OVERVIEW, "monitoring"),),
    ),
    Group(
        pgettext_lazy("menu", "Billing"),
        (
            Item(pgettext_lazy("menu", "Bill runs"), "billing:runs", "playlist_add_check"),
            Item(
                pgettext_lazy("menu", "Parked accounts"),
                "admin:billing_runproblem_changelist",
                "pending_actions",
                count_parked,
            ),
            Item(
                pgettext_lazy("menu", "Bills"),
                "admin:billing_bill_changelist",
                "receipt_long",
                also=("/admin/bills/",),
            ),
            Item(
                pgettext_lazy("menu", "Waivers and corrections"),
                "billing:requests",
                "approval_delegation",
                count_to_decide,
            ),
            Item(pgettext_lazy("menu", "Shared costs"), "billing:pools", "groups"),
            Item(pgettext_lazy("menu", "Shared pools"), "admin:billing_poolresult_changelist", "pie_chart"),
            Item(
                pgettext_lazy("menu", "Suppliers' bills"),
                "admin:billing_supplierbill_changelist",
                "request_quote",
            ),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Money"),
        (
            Item(pgettext_lazy("menu", "Take a payment"), "payments:desk", "point_of_sale"),
            Item(pgettext_lazy("menu", "Receipts"), "admin:payments_receipt_changelist", "receipt"),
            Item(pgettext_lazy("menu", "Payment orders"), "admin:payments_intent_changelist", "qr_code"),
            Item(
                pgettext_lazy("menu", "Exceptions"),
                "admin:payments_paymentexception_changelist",
                "help_center",
                count_exceptions,
            ),
            Item(pgettext_lazy("menu", "Refunds and deductions"), "payments:payouts", "undo", count_payouts),
            Item(
                pgettext_lazy("menu", "Prepayments"), "admin:payments_prepaymententry_changelist", "savings"
            ),
            Item(
                pgettext_lazy("menu", "Reconciled days"),
                "admin:payments_billfileread_changelist",
                "event_available",
            ),
            Item(pgettext_lazy("menu", "Journal"), "admin:ledger_journalentry_changelist", "menu_book"),
            Item(pgettext_lazy("menu", "Close a month"), "ledger:closing", "lock_clock"),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Houses"),
        (
            Item(
                pgettext_lazy("menu", "Units"),
                "admin:estates_unit_changelist",
                "home",
                also=("/admin/register/units/",),
            ),
            Item(
                pgettext_lazy("menu", "Changes of units"),
                "billing:changes",
                "published_with_changes",
                count_changes,
                also=("/admin/pauses/", "/admin/lending-rates/"),
            ),
            Item(pgettext_lazy("menu", "Vacant units"), "billing:vacancies", "key_off", count_vacancies),
            Item(pgettext_lazy("menu", "Buildings"), "admin:estates_building_changelist", "apartment"),
            Item(pgettext_lazy("menu", "Import a roster"), "estates:roster_upload", "upload_file"),
            Item(
                pgettext_lazy("menu", "Roster imports"),
                "admin:estates_rosterimport_changelist",
                "history",
                also=("/admin/register/rosters/",),
            ),
            Item(pgettext_lazy("menu", "Read meters"), "estates:rounds", "directions_walk"),
            Item(
                pgettext_lazy("menu", "Readings to look at"), "estates:checks", "troubleshoot", count_checks
            ),
            Item(pgettext_lazy("menu", "Meters and losses"), "estates:meters", "account_tree"),
            Item(pgettext_lazy("menu", "Meters"), "admin:estates_meter_changelist", "speed"),
            Item(pgettext_lazy("menu", "Readings"), "admin:estates_reading_changelist", "timer"),
            Item(pgettext_lazy("menu", "Import readings"), "estates:readings_upload", "fact_check"),
        ),
    ),
    Group(
        pgettext_lazy("menu", "People"),
        (
            Item(
                pgettext_lazy("menu", "Owners"),
                "admin:estates_person_changelist",
                "person",
                also=("/admin/register/people/",),
            ),
            Item(
                pgettext_lazy("menu", "Charge accounts"),
                "admin:billing_chargeaccount_changelist",
                "badge",
                also=("/admin/accounts/",),
            ),
            Item(pgettext_lazy("menu", "Messages"), "admin:messaging_outboundmessage_changelist", "chat"),
        ),
    ),
    Group(
        pgettext_lazy("menu", "Settings"),
        (
            Item(pgettext_lazy("menu", "Community settings"), "billing:settings", "tune"),
            Item(pgettext_lazy("menu", "Communities"), "admin:estates_community_changelist", "location_city"),
            Item(pgettext_lazy("menu", "Fee items"), "admin:billing_feeitem_changelist", "sell"),
            Item(pgettext_lazy("menu", "Tariffs"), "admin:billing_tariffversion_changelist", "price_change"),
            Item(pgettext_lazy("menu", "Discounts"), "billing:discounts", "redeem"),
            Item(pgettext_lazy("menu", "Contracts"), "admin:billing_contract_changelist", "contract"),
            Item(pgettext_lazy("menu", "Import tariffs"), "billing:tariff_upload", "upload"),
            Item(
                pgettext_lazy("menu", "Coefficients"), "admin:billing_unitcoefficient_changelist", "percent"
            ),
            Item(pgettext_lazy("menu", "Import opening balances"), "billing:opening_upload", "move_to_inbox"),
            Item(
                pgettext_lazy("menu", "Message templates"),
                "admin:messaging_messagetemplate_changelist",
                "draft",
            ),
            Item(
                pgettext_lazy("menu", "Merchant accounts"),
                "admin:payments_merchantaccount_changelist",
                "storefront",
            ),
            Item(
                pgettext_lazy("menu", "Allocation order"), "admin:payments_paymentpolicy_changelist", "sort"
            ),
            Item(pgettext_lazy("menu", "Holidays"), "admin:core_holiday_changelist", "event"),
            Item(pgettext_lazy("menu", "Staff"), "admin:users_user_changelist", "group"),
            Item(pgettext_lazy("menu", "Failed log-ins"), "admin:axes_accessattempt_changelist", "lock"),
            Item(pgettext_lazy("menu", "Audit trail"), "admin:core_auditrecord_changelist", "policy"),
            Item(pgettext_lazy("menu", "Nightly jobs"), "admin:core_jobrun_changelist", "bedtime"),
            Item(
                pgettext_lazy("menu", "Timetable"),
                "admin:django_celery_beat_periodictask_changelist",
                "schedule",
            ),
            Item(
                pgettext_lazy("menu", "Platform notices"), "admin:payments_gatewaynotice_changelist", "mail"
            ),
            Item(pgettext_lazy("menu", "Deliveries"), "admin:core_eventdelivery_changelist", "sync_alt"),
        ),
    ),
)


def list_groups(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the menu of the person for django-unfold; groups without anything to open are left out."""
    user = acting_user(request)
    groups = [(group, [item for item in group.items if may_open(user, item)]) for group in MENU]
    current = find_current(request.path, [item for _group, items in groups for item in items])
    return [
        {"title": group.title, "items": [_link(item, user, is_current=item is current) for item in items]}
        for group, items in groups
        if items
    ]


def may_open(user: User, item: Item) -> bool:
    """Whether the page behind a link would let the person in."""
    access = access_of(item.route)
    return access.door is not Door.PERMISSION or may(user, access.permission)


@cache
def access_of(route: str) -> Access:
    """What the page behind a route declares."""
    access = declared_access(resolve(reverse(route)).func)
    if access is None:
        raise LookupError(f"{route} declares no access")
    return access


def find_current(path: str, items: list[Item]) -> Item | None:
    """The link whose address the path begins with, the longest of several; the home page is the overview."""
    here = reverse(OVERVIEW) if path == reverse("admin:index") else path
    begun = [
        (len(start), place)
        for place, item in enumerate(items)
        for start in (reverse(item.route), *item.also)
        if here.startswith(start)
    ]
    return items[max(begun)[1]] if begun else None


def _link(item: Item, user: User, *, is_current: bool) -> dict[str, Any]:
    waiting = item.count(user) if item.count else 0
    badge = {"badge": format_number(waiting), "badge_variant": "primary"} if waiting else {}
    return {
        "title": item.title,
        "link": reverse(item.route),
        "icon": item.icon,
        "active": is_current,
        **badge,
    }
