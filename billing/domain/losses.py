"""What of a main meter's use is shared: less what sub-meters and excluded meters counted, and who bears the loss.

    difference = main − Σ sub-meters − Σ excluded meters
    loss       = difference − Σ common meters          (what no meter below the main one saw)
    shared     = common meters + loss, as far as the agreement lets the loss be shared

A loss below zero means that meters disagree; the main meter is the one the supplier bills by, so it takes from what is
shared. The excluded meters are those of costs the price already holds, such as the office's (DOMAIN-RULES 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

STEP = Decimal("0.0001")
NOTHING = Decimal("0.0000")


@dataclass(frozen=True)
class Counted:
    """What one meter counted in a period: (closing − opening) × multiplier, but over a swap or a turn of the dial.

    is_read: whether a reading fell in the period; without one nothing is known to have been used.
    """

    meter: str
    opening: Decimal
    closing: Decimal
    multiplier: Decimal
    use: Decimal
    is_read: bool


@dataclass(frozen=True)
class Balance:
    """The uses a pool is worked out from, in the unit of the main meter."""

    main: Decimal
    less: Decimal = NOTHING
    without: Decimal = NOTHING
    common: Decimal | None = None
    loss_rule: str = "shared"

    @property
    def difference(self) -> Decimal:
        """What neither sub-meters nor excluded meters account for."""
        return self.main - self.less - self.without

    @property
    def loss(self) -> Decimal:
        """What no meter below the main one saw; without common meters, all of the difference."""
        return self.difference - (self.common or NOTHING)

    @property
    def shared(self) -> Decimal:
        """What the participants share."""
        return self.difference - self.borne

    @property
    def borne(self) -> Decimal:
        """The part of the loss that the company bears.

        >>> balance = Balance(Decimal(1000), less=Decimal(700), common=Decimal(200), loss_rule="5%")
        >>> balance.loss, balance.borne, balance.shared
        (Decimal('100.0000'), Decimal('50.0000'), Decimal('250.0000'))
        """
        if self.loss_rule == "shared":
            return NOTHING
        allowed = NOTHING if self.loss_rule == "company" else self._cap()
        return max(self.loss - allowed, NOTHING)

    def _cap(self) -> Decimal:
        return (self.main * Decimal(self.loss_rule.rstrip("%")) / 100).quantize(STEP, ROUND_HALF_UP)


def total_use(meters: Sequence[Counted]) -> Decimal:
    """Return what meters counted together."""
    return sum((meter.use for meter in meters), NOTHING)
