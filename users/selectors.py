"""Reads of log-ins."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.errors import NotFoundError
from estates.models import Community
from users.models import User
from users.roles import roles_that_may


def get_user(username: str) -> User:
    """Return the active log-in of this name. Raises NotFoundError."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFoundError(_("There is no log-in “%(name)s”.") % {"name": username})
    return user


def get_name_of(username: str) -> str:
    """Return the name of whoever has this log-in, as papers print it; the log-in itself when no name is known."""
    user = User.objects.filter(username=username).first() if username else None
    return (user.get_full_name() if user else "") or username


def list_staff_who_may(permission: str, community: Community) -> QuerySet[User]:
    """Return the members of staff who hold a role with this permission in a community, or in its whole company."""
    here = Q(memberships__community=community) | Q(
        memberships__community=None, memberships__company=community.company_id
    )
    staff = User.objects.filter(here, memberships__role__in=roles_that_may(permission))
    return staff.filter(is_staff=True, is_active=True).distinct().order_by("username")
