"""Home, and the person's own page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from billing.domain.sheets import Contact
from core.charts import Columns
from core.money import ZERO
from portal.pages.frames import Frame, LinkView, RowView, StateView


@dataclass(frozen=True)
class DueView:
    """A bill in the letter of the home page."""

    room: str
    outstanding: Decimal
    due_on: date
    url: str


@dataclass(frozen=True)
class UnitView:
    """A unit of the person: what it is and how it stands. `outstanding` 0 shows the state alone."""

    unit: str
    note: str
    state: StateView
    outstanding: Decimal
    url: str


@dataclass(frozen=True)
class HomePage:
    """Home: what is due as a letter (or that nothing is), the units, the year, the last receipts.

    `total` sums `due`; `pay_url` pays all of it at once. `next_bill_on` is told when nothing is due,
    `prepaid` when there is any. `year` is the chart of one unit's last twelve bills, `year_room` the unit it
    is of.
    """

    frame: Frame
    due: tuple[DueView, ...]
    units: tuple[UnitView, ...]
    receipts: tuple[RowView, ...]
    total: Decimal = ZERO
    pay_url: str = ""
    family_url: str = ""
    receipts_url: str = ""
    next_bill_on: date | None = None
    prepaid: Decimal = ZERO
    year: Columns | None = None
    year_room: str = ""
    year_note: str = ""
    steward: Contact | None = None
    phone_url: str = ""


@dataclass(frozen=True)
class MePage:
    """The person's own page: units, switches, log-out."""

    frame: Frame
    name: str
    phone: str
    units: tuple[UnitView, ...]
    logout_url: str
    steward: Contact | None = None
    phone_url: str = ""
    pools_url: str = ""
    statements: tuple[LinkView, ...] = ()


@dataclass(frozen=True)
class LoginPage:
    """Log-in by one-time code, in two steps on one address: `phone`, then `code` for a phone that is shown masked.

    The answer to a phone is the same whether we know it or not (S-14). `wait` is seconds until a new code may
    be asked for. `hidden` is posted back, as (name, value) pairs.
    """

    frame: Frame
    step: Literal["phone", "code"]
    action: str
    phone: str = ""
    error: str = ""
    wait: int = 0
    again_url: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
