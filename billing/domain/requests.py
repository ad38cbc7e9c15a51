"""The life of a request about money, and who may decide how much: one table each (S-19)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal

from core.errors import ConflictError

REQUESTED, APPROVED, REFUSED, WITHDRAWN = "requested", "approved", "refused", "withdrawn"

REQUEST_STEPS = {
    (REQUESTED, "approve"): APPROVED,
    (REQUESTED, "refuse"): REFUSED,
    (REQUESTED, "withdraw"): WITHDRAWN,
}


class RequestDecidedError(ConflictError):
    """The request was decided or withdrawn before; a second decision changes nothing."""

    code = "billing.request_decided"


def next_request_state(state: str, step: str) -> str:
    """Return the state of a request after a step. Raises RequestDecidedError.

    >>> next_request_state("requested", "approve")
    'approved'
    """
    if (state, step) not in REQUEST_STEPS:
        raise RequestDecidedError()
    return REQUEST_STEPS[state, step]


def is_within_limit(amount: Decimal, roles: Collection[str], limits: Mapping[str, Decimal | None]) -> bool:
    """Whether one of the roles may approve the amount; None is no limit, a role without a limit may nothing.

    >>> is_within_limit(Decimal("500.00"), ["finance"], {"finance": Decimal("500.00")})
    True
    >>> is_within_limit(Decimal("500.01"), ["finance"], {"finance": Decimal("500.00")})
    False
    """
    allowed = [limits[role] for role in roles if role in limits]
    return any(limit is None or amount <= limit for limit in allowed)
