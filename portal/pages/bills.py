"""A bill with its lines, each opened into the steps that led to it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from billing.domain.sheets import Contact
from billing.explaining.steps import StepText
from core.money import ZERO
from core.periods import Period
from portal.pages.frames import Frame, LinkView, StateView, StepView


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
class ReductionView:
    """A reduction: the fee item, its kind in words, the reason the community gave, and yuan.

    A discount has the steps it is worked out by.
    """

    name: str
    kind: str
    reason: str
    amount: Decimal
    steps: tuple[StepText, ...] = ()


@dataclass(frozen=True)
class LateFeeView:
    """What a bill paid late has borne so far: `amount` is not charged yet; `rests`: it does not grow at the moment."""

    amount: Decimal
    lines: tuple[LineView, ...]
    rests: bool = False


@dataclass(frozen=True)
class BillPage:
    """A bill: letter, lines, what changed, whom to ask. In elder mode the same facts in the plain order.

    `outstanding` = total − `paid` − `reductions`; settled, it has no pay button. `offer` is what paying all of it by
    the due day saves. `family_url`: whoever pays instead.
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
    offer: Decimal = ZERO
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
    def reduced(self) -> Decimal:
        """What the bill asks for after what was taken off, in yuan."""
        return self.total - sum(row.amount for row in self.reductions)

    @property
    def outstanding(self) -> Decimal:
        """What is still to pay, in yuan."""
        return self.reduced - self.paid
