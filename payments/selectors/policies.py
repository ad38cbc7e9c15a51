"""A community's payment policy."""

from __future__ import annotations

from payments.models import PaymentPolicy


def get_policy(community_id: int) -> PaymentPolicy:
    """Return the policy of a community; an unsaved one with the defaults when it never chose."""
    return PaymentPolicy.objects.filter(community_id=community_id).first() or PaymentPolicy(
        community_id=community_id
    )
