"""Members of staff with a browser each."""

from django.test import Client

from estates.models import Community
from users.models import User
from users.roles import Role
from users.services.staff import grant_role


def member(role: Role, community: Community, name: str = "") -> Client:
    """The browser of somebody who holds the role in the community."""
    user = User.objects.create_user(name or str(role), password="x", is_staff=True, language="en")
    grant_role(user=user, role=role, company=community.company, community=community, by=None)
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(pk=user.pk))
    return client
