"""What the owner's pages show: one frozen view model a page, filled by the views, drawn by `templates/portal/`.

Amounts, days and periods come as values and are written by the templates; names and phones come masked; every
link is a ready address, and an empty address hides what it would open. Texts that explain a line come ready
in the reader's language, because the explanation of the line makes them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from billing.domain.sheets import Contact
from billing.pool_pages import ShownPool
from billing.selectors.statement import AccountStatement
from core.charts import Columns
from core.periods import Period
from portal.corrections import ReductionView

ZERO = Decimal("0.00")
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
class LineView:
    """A charge line that opens into its steps; `summary` is the short form under its name (89.56㎡ × 2.35元)."""

    name: str
    summary: str
    amount: Decimal
    steps: tuple[StepView, ...]
    links: tuple[LinkView, ...] = ()


@dataclass(frozen=True)
class ChangeView:
    """What one fee item adds to the difference against the period before, and why."""

    name: str
    note: str
    change: Decimal


@dataclass(frozen=True)
class LateFeeView:
    """What a bill paid late has borne so far: `amount` is not charged yet; `rests`: it does not grow at the moment."""

    amount: Decimal
    lines: tuple[LineView, ...]
    rests: bool = False


@dataclass(frozen=True)
class BillPage:
    """A bill: letter, lines, what changed, whom to ask. In elder mode the same facts in the plain order.

    `outstanding` = total − `paid` − `reductions`; settled, it has no pay button. `family_url`: whoever pays instead.
    """

    frame: Frame
    room: str
    unit: str
    period: Period
    issued_on: date
    due_on: date
    state: StateView
    lines: tuple[LineView, ...]
    total: Decimal
    steward: Contact
    hours: str
    paid: Decimal = ZERO
    change: Decimal | None = None
    main_cause: str = ""
    changes: tuple[ChangeView, ...] = ()
    notes: tuple[str, ...] = ()
    reductions: tuple[ReductionView, ...] = ()
    late_fee: LateFeeView | None = None
    pay_url: str = ""
    choose_url: str = ""
    family_url: str = ""
    pdf_url: str = ""
    ask_url: str = ""
    plan_url: str = ""
    receipt_url: str = ""
    phone_url: str = ""

    @property
    def outstanding(self) -> Decimal:
        """What is still to pay, in yuan."""
        return self.total - self.paid - sum(row.amount for row in self.reductions)


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
class RowView:
    """A row of a list that opens: bill or receipt. `note` is its second line."""

    title: str
    note: str
    amount: Decimal
    url: str
    state: StateView | None = None


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
class ChoiceLine:
    """A charge line to tick: `key` is sent back as `line`."""

    key: str
    name: str
    outstanding: Decimal
    chosen: bool = True


@dataclass(frozen=True)
class ChoiceBill:
    """An open bill of one unit and period with its lines; overdue ones come first."""

    unit: str
    period: Period
    due_on: date
    state: StateView
    lines: tuple[ChoiceLine, ...]


@dataclass(frozen=True)
class ChoosePage:
    """The choice of lines over several bills and units, without script: ticks, then the sum on the next page.

    `part` may be sent with it: an amount below the sum, for people who pay a part. `error` is said aloud.
    """

    frame: Frame
    bills: tuple[ChoiceBill, ...]
    action: str
    back_url: str
    part: str = ""
    error: str = ""


@dataclass(frozen=True)
class PayRow:
    """A bill in the sum to pay."""

    unit: str
    period: Period | None
    amount: Decimal


@dataclass(frozen=True)
class PayMethod:
    """A way to pay; `key` is posted back as `method`."""

    key: str
    name: str
    note: str = ""
    chosen: bool = False


@dataclass(frozen=True)
class PayPage:
    """The sum, what it pays, and how: one button. `works_until` is the last day of a signed link.

    `hidden` is posted back with the method, as (name, value) pairs: the chosen lines, the key against paying
    twice.
    """

    frame: Frame
    rows: tuple[PayRow, ...]
    total: Decimal
    methods: tuple[PayMethod, ...]
    action: str
    back_url: str
    hidden: tuple[tuple[str, str], ...] = ()
    choose_url: str = ""
    payer: str = ""
    works_until: date | None = None
    error: str = ""


@dataclass(frozen=True)
class PaymentPage:
    """A payment from its start to its end: to be paid in the wallet, confirming, unknown, paid or failed, in words.

    While it is open the page asks again by itself: `status_url` answers the inner part for htmx (or no news) and this
    page otherwise. `wallet` is the name of the way of paying, `gateway_url` leads there, `qr` is for paying with a
    telephone; `drop_url` takes a POST and lets another way be chosen. `known_by` is when we will know at the latest.
    """

    frame: Frame
    state: StateView
    amount: Decimal
    rows: tuple[PayRow, ...]
    status_url: str
    back_url: str
    wallet: str = ""
    receipt_url: str = ""
    retry_url: str = ""
    gateway_url: str = ""
    drop_url: str = ""
    qr: str = ""
    known_by: datetime | None = None
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether the page should ask again."""
        return self.state.name in {"due", "confirming", "unknown"}


@dataclass(frozen=True)
class FamilyPage:
    """The link for whoever pays instead: as a code to scan and as text to send. It opens these bills and no more."""

    frame: Frame
    rows: tuple[PayRow, ...]
    total: Decimal
    link: str
    back_url: str


@dataclass(frozen=True)
class ReceiptRow:
    """A bill the money went to."""

    unit: str
    period: Period
    allocated: Decimal
    open_after: Decimal
    url: str = ""


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt on screen: what came in, where it went and why in this order."""

    frame: Frame
    number: str
    received_at: datetime
    amount: Decimal
    payer: str
    method: str
    rows: tuple[ReceiptRow, ...]
    order: str
    prepaid_before: Decimal = ZERO
    prepaid_after: Decimal = ZERO
    pdf_url: str = ""
    invoice_url: str = ""
    home_url: str = ""

    @property
    def prepaid_change(self) -> Decimal:
        """What went into the prepayment; negative when it paid a part."""
        return self.prepaid_after - self.prepaid_before


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
class PoolsOfUnits:
    """What the reader's units in one community shared in a year; ``pdf_url``: the same on paper."""

    community: str
    units: str
    pools: tuple[ShownPool, ...]
    pdf_url: str


@dataclass(frozen=True)
class PoolsPage:
    """The shared costs of a year. `years`: each year that has some, with its address."""

    frame: Frame
    year: int
    years: tuple[tuple[int, str], ...]
    groups: tuple[PoolsOfUnits, ...]


@dataclass(frozen=True)
class StatementPage:
    """An account statement on a phone; ``prepaid`` is what the account has with us besides."""

    frame: Frame
    unit: str
    statement: AccountStatement
    prepaid: Decimal
    pdf_url: str


@dataclass(frozen=True)
class MessagePage:
    """One fact and what to do next: an expired link, a page that is not there, something of ours that broke."""

    frame: Frame
    title: str
    text: str
    links: tuple[LinkView, ...] = ()
