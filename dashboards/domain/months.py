"""What a month's bills asked for and brought in."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dashboards.domain.cuts import Cut
from dashboards.domain.figures import share


@dataclass(frozen=True)
class MonthFigures:
    """Receivable and received of the month's bills by the day of the cut, in fen."""

    cut: Cut
    receivable: int = 0
    received: int = 0

    @property
    def collection_rate(self) -> Decimal | None:
        """Received ÷ receivable; None for a month without bills."""
        return share(self.received, self.receivable)
