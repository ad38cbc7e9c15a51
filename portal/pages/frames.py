"""What stands around every page, and the small parts that several pages share."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

TabName = Literal["home", "bills", "receipts", "me", ""]


@dataclass(frozen=True)
class Tabs:
    """The addresses of the menu at the foot; shown to people who are logged in, never in elder mode."""

    home: str
    bills: str
    receipts: str
    me: str


@dataclass(frozen=True)
class Frame:
    """What stands around every page: where we are, and the two switches of the reader.

    `where` is the second line of the head (unit, or masked name and phone). `as_of` is the reader's day.
    `elder_url` takes a POST of `elder` = 1 or 0 and comes back to `next`; empty hides the switch.
    """

    community: str
    where: str
    as_of: date
    elder: bool = False
    elder_url: str = ""
    tabs: Tabs | None = None
    here: TabName = ""


@dataclass(frozen=True)
class StateView:
    """A state by its key in `core.states`, with the count that belongs to its words."""

    name: str
    days: int | None = None
    instalment: int | None = None


@dataclass(frozen=True)
class StepView:
    """A step of an explained line: `单价` · `2.35 元/㎡·月` · `2025年1月1日起执行`. The result closes the list."""

    label: str
    value: str
    note: str = ""
    is_result: bool = False


@dataclass(frozen=True)
class LinkView:
    """A link below an opened line (shares of the whole building, photo of the meter)."""

    label: str
    url: str


@dataclass(frozen=True)
class RowView:
    """A row of a list that opens: bill or receipt. `note` is its second line."""

    title: str
    note: str
    amount: Decimal
    url: str
    state: StateView | None = None


@dataclass(frozen=True)
class ListYear:
    """The rows of one year in a list."""

    year: int
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class ListPage:
    """All bills or all receipts of the person, newest first. `kind` names the words of the page."""

    frame: Frame
    kind: Literal["bills", "receipts"]
    years: tuple[ListYear, ...]


@dataclass(frozen=True)
class MessagePage:
    """One fact and what to do next: an expired link, a page that is not there, something of ours that broke."""

    frame: Frame
    title: str
    text: str
    links: tuple[LinkView, ...] = ()
