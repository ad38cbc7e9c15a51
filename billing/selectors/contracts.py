"""Reads of contracts."""

from __future__ import annotations

from billing.domain.contracts import Term
from billing.models import Contract
from billing.models.contracts import PriceBasis


def load_terms(community_id: int) -> list[Term]:
    """Return a community's contracts as the run asks them; only lump-sum prices hold meters."""
    return [
        Term(
            number=contract.number,
            start=contract.start,
            end=contract.end,
            after_end=contract.after_end,
            included_meters=frozenset(
                contract.included_meters if contract.price_basis == PriceBasis.LUMP_SUM else ()
            ),
        )
        for contract in Contract.objects.filter(community_id=community_id).order_by("start")
    ]
