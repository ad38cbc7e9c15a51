"""Who reads the owner's pages, what they may see, and under which addresses.

There are two ways in. A logged-in owner sees every unit of the people their phone stands for. Whoever holds a
signed link sees the bills it names, with a masked name, and may pay them (S-27). Both get the same pages: a
view asks its reader and does not know which it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from billing.links import PayLink, make_pay_link, read_pay_link
from billing.models import Bill, BillState
from core.calendars import day_of
from payments.models import Intent, IntentPart, Receipt
from users.acting import acting_user
from users.models import User


class Reader(Protocol):
    """What a view may ask about whoever reads."""

    @property
    def now(self) -> datetime:
        """The moment of the request."""

    @property
    def elder(self) -> bool:
        """Whether the reader wants large print."""

    @property
    def today(self) -> date:
        """The reader's day."""

    @property
    def is_known(self) -> bool:
        """Whether the reader is logged in: menus and lists are for them only."""

    @property
    def until(self) -> datetime | None:
        """The moment at which the reader's link ends; None for a log-in."""

    @property
    def message_id(self) -> int | None:
        """The message whose link the reader followed, if it was one."""

    def bills(self) -> Any:
        """The issued bills the reader may see."""

    def receipts(self) -> Any:
        """The receipts the reader may see."""

    def intents(self) -> Any:
        """The payments under way that the reader may ask about."""

    def url(self, page: str, *args: object) -> str:
        """The address of a page for this reader."""

    def link_for(self, bill_ids: Sequence[int]) -> str:
        """The whole address under which somebody else can pay these bills for the reader."""


@dataclass(frozen=True)
class Owner:
    """A logged-in owner."""

    user: User
    now: datetime
    elder: bool
    is_known: bool = True
    until: None = None
    message_id: None = None

    @property
    def today(self) -> date:
        """The local day."""
        return day_of(self.now)

    def bills(self) -> Any:
        """Issued bills of the accounts these people pay or paid; old ones stay with whoever owed them."""
        return Bill.objects.visible_to(self.user).filter(state=BillState.ISSUED)

    def receipts(self) -> Any:
        """Receipts of those accounts."""
        return Receipt.objects.visible_to(self.user)

    def intents(self) -> Any:
        """Payments of those accounts' lines."""
        return Intent.objects.visible_to(self.user)

    def url(self, page: str, *args: object) -> str:
        """The page's own address."""
        return reverse(f"portal:{page}", args=args)

    def link_for(self, bill_ids: Sequence[int]) -> str:
        """A new link that opens these bills and nothing else."""
        return make_pay_link(bill_ids, self.today)


@dataclass(frozen=True)
class Guest:
    """Whoever holds a signed link."""

    token: str
    link: PayLink
    now: datetime
    elder: bool
    is_known: bool = False

    @property
    def today(self) -> date:
        """The local day."""
        return day_of(self.now)

    @property
    def until(self) -> datetime | None:
        """The end of the link."""
        return self.link.until

    @property
    def message_id(self) -> int | None:
        """The message the link stands in."""
        return self.link.message_id

    def bills(self) -> Any:
        """The issued bills the link names."""
        return Bill.objects.filter(pk__in=self.link.bill_ids, state=BillState.ISSUED)

    def receipts(self) -> Any:
        """Receipts of payments that were started from such a link for these bills only."""
        return Receipt.objects.filter(intent__in=self.intents())

    def intents(self) -> Any:
        """Payments started from a link that touch these bills and no other."""
        beyond = IntentPart.objects.exclude(line__bill__in=self.link.bill_ids)
        touching = Intent.objects.filter(opened_by_link=True, parts__line__bill__in=self.link.bill_ids)
        return touching.exclude(pk__in=beyond.values("intent")).distinct()

    def url(self, page: str, *args: object) -> str:
        """The page's address below the link."""
        name = "pay" if page == "home" else f"link-{page}"
        return reverse(f"portal:{name}", args=[self.token, *args])

    def link_for(self, bill_ids: Sequence[int]) -> str:
        """The link the reader holds; a guest makes no links of their own."""
        return settings.PUBLIC_URL + self.url("home")


def reader_of(request: HttpRequest, token: str | None) -> Reader:
    """The reader behind a request.

    Raises:
        core.tokens.TokenError: the link was altered or is over.
    """
    now = timezone.now()
    elder = is_elder(request)
    if token is None:
        return Owner(acting_user(request), now, elder)
    return Guest(token, read_pay_link(token, now), now, elder)


def is_elder(request: HttpRequest) -> bool:
    """Whether large print is on: remembered with the log-in, else in the browser."""
    if isinstance(request.user, User):
        return request.user.elder_mode
    return request.COOKIES.get("elder") == "1"
