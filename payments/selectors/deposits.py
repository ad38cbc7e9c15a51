"""Deposits and what is left of them: taken − given back − kept − passed on with the unit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce

from core.money import ZERO
from payments.models import Deposit, Payout


def with_balance(deposits: QuerySet[Deposit]) -> QuerySet[Any]:
    """Annotate deposits with ``gone`` (given back, kept or passed on) and ``held`` (what is left), in yuan."""
    done = Payout.objects.approved().filter(deposit=OuterRef("pk"))
    sums = done.order_by().values("deposit").annotate(sum=Sum("amount")).values("sum")
    gone = Coalesce(Subquery(sums), ZERO) + Coalesce(F("successor__amount"), ZERO)
    return deposits.annotate(gone=gone).annotate(
        held=Case(When(undone_on=None, then=F("amount") - F("gone")), default=ZERO)
    )


def get_held(deposit_id: int) -> Decimal:
    """What is left of one deposit, in yuan."""
    held: Decimal = with_balance(Deposit.objects.filter(pk=deposit_id)).values_list("held", flat=True).get()
    return held


def list_deposits(user: Any) -> QuerySet[Any]:
    """The deposits a person may see with what is left of each, newest first.

    ``passed_on``: the number under which it is held for the buyer since the unit changed hands.
    """
    rows = Deposit.objects.visible_to(user).select_related(
        "account__unit__building", "account__payer", "taken_over"
    )
    return with_balance(rows).annotate(passed_on=F("successor__number"))
