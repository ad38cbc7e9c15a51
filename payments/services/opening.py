"""Prepayments that owners had before their community went live: kept here, booked by billing with the opening."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Sum

from payments.domain.lifecycle import IntentState
from payments.models import IntentPart, PrepaymentEntry

ZERO = Decimal("0.00")


class OpeningPrepayments:
    """The keeper of ``billing.services.opening_keepers``: one prepayment entry an account and import."""

    def bring_in(self, *, amounts: Mapping[int, Decimal], source: str, day: date, now: datetime) -> None:
        """Write down what accounts had with us."""
        PrepaymentEntry.objects.bulk_create(
            PrepaymentEntry(account_id=account, amount=amount, value_day=day, source=source, written_at=now)
            for account, amount in amounts.items()
        )

    def find_spent(self, *, amounts: Mapping[int, Decimal]) -> Collection[int]:
        """Return the accounts that no longer have so much with us."""
        rows = PrepaymentEntry.objects.filter(account__in=amounts).order_by().values_list("account")
        held = dict(rows.annotate(sum=Sum("amount")))
        return [account for account, amount in amounts.items() if held.get(account, ZERO) < amount]

    def find_busy_lines(self, *, line_ids: Collection[int]) -> Collection[int]:
        """Return the lines of orders that may still be paid."""
        open_states = (IntentState.CREATED, IntentState.PENDING, IntentState.UNKNOWN)
        parts = IntentPart.objects.filter(line__in=list(line_ids), intent__state__in=open_states)
        return list(parts.values_list("line", flat=True))

    def take_back(self, *, amounts: Mapping[int, Decimal], source: str, day: date, now: datetime) -> None:
        """Take back what was brought in."""
        self.bring_in(
            amounts={account: -amount for account, amount in amounts.items()}, source=source, day=day, now=now
        )
