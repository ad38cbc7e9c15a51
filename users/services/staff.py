"""Roles of staff: given and taken back, each time ending the open sessions of that log-in (S-04)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from core import audit
from estates.models import Community, Company
from users.models import Membership, User
from users.roles import Role


@transaction.atomic
def grant_role(
    *, user: User, role: Role, company: Company, community: Community | None, by: User | None
) -> Membership:
    """Give a role in one community, or with none named in the whole company; twice is once."""
    membership, created = Membership.objects.get_or_create(
        user=user, role=role, company=company, community=community
    )
    if created:
        _end_sessions(user)
        audit.record(
            action="users.role_granted", target=user, by=by, after={"role": role.value, **_place(membership)}
        )
    return membership


@transaction.atomic
def revoke_role(*, membership: Membership, by: User | None) -> None:
    """Take a role back; the next request of that log-in is refused."""
    audit.record(
        action="users.role_revoked",
        target=membership.user,
        by=by,
        before={"role": membership.role, **_place(membership)},
    )
    _end_sessions(membership.user)
    membership.delete()


def _end_sessions(user: User) -> None:
    User.objects.filter(pk=user.pk).update(session_version=F("session_version") + 1)


def _place(membership: Membership) -> dict[str, int | None]:
    return {"company": membership.company_id, "community": membership.community_id}
