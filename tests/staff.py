"""Members of staff, and a browser for each."""

from __future__ import annotations

from typing import Any

from django.test import Client

from estates.models import Community
from users.models import User
from users.roles import Role
from users.services.staff import grant_role


def hire(role: Role, community: Community, name: str = "", **facts: Any) -> User:
    """Somebody who holds the role in the community, named after it unless said otherwise."""
    user = User.objects.create(username=name or str(role), is_staff=True, **facts)
    grant_role(user=user, role=role, company=community.company, community=community, by=None)
    return User.objects.get(pk=user.pk)


def member(role: Role, community: Community, name: str = "", *, language: str = "en") -> Client:
    """The browser of somebody who holds the role in the community, signed in, reading English."""
    client = Client(headers={"accept-language": language})
    client.force_login(hire(role, community, name, language=language))
    return client


def sign_in(role: Role, community: Community, *, name: str = "") -> Client:
    """The browser of somebody named after role and community, reading Chinese as staff do."""
    return member(role, community, name or f"{role}-{community.code}", language="zh-hans")
