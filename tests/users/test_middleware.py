"""A change of rights ends the sessions that are open (S-04)."""

import pytest
from django.test import Client
from django.urls import reverse

from estates.models import Company
from users.models import User
from users.roles import Role
from users.services.staff import grant_role


@pytest.mark.django_db
def test_session_version_middleware_ends_the_session_after_a_change():
    admin = User.objects.create(username="zhou", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(admin)
    assert client.get(reverse("admin:index")).status_code == 200

    company = Company.objects.create(name="暖邻物业")
    grant_role(user=admin, role=Role.MANAGER, company=company, community=None, by=None)

    assert client.get(reverse("admin:index")).status_code == 302
