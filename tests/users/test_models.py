"""How far each role sees, and what it may do."""

from datetime import date

import pytest

from estates.models import Community, Company, Occupancy, Person, Unit, UnitKind
from users.models import User
from users.roles import PERMISSIONS, Role
from users.services.owners import NotRegisteredError, find_or_create_owner
from users.services.staff import grant_role, revoke_role


@pytest.fixture
def company(db) -> Company:
    return Company.objects.create(name="暖邻物业")


@pytest.fixture
def spruce(company) -> Community:
    return Community.objects.create(company=company, code="spruce", name="云杉苑")


@pytest.fixture
def pine(company) -> Community:
    return Community.objects.create(company=company, code="pine", name="松涛里")


@pytest.fixture
def stranger_community(db) -> Community:
    other = Company.objects.create(name="别家物业")
    return Community.objects.create(company=other, code="other", name="别家小区")


def staff(name: str) -> User:
    return User.objects.create(username=name, is_staff=True)


def seen(user: User) -> list[str]:
    fresh = User.objects.get(pk=user.pk)
    return sorted(Community.objects.visible_to(fresh).values_list("code", flat=True))


def test_scope_of_one_community(spruce, pine, stranger_community):
    clerk = staff("chen")
    grant_role(user=clerk, role=Role.CASHIER, company=spruce.company, community=spruce, by=None)
    assert seen(clerk) == ["spruce"]


def test_scope_of_a_whole_company_ends_at_the_company(spruce, pine, stranger_community):
    admin = staff("zhou")
    grant_role(user=admin, role=Role.COMPANY_ADMIN, company=spruce.company, community=None, by=None)
    assert seen(admin) == ["pine", "spruce"]


def test_scope_of_staff_without_a_role_is_empty(spruce):
    assert seen(staff("nobody")) == []


def test_scope_of_an_owner_is_every_person_with_that_phone(spruce, stranger_community):
    for community, name in ((spruce, "李明"), (stranger_community, "李明")):
        person = Person.objects.create(company=community.company, name=name, phone="13800001234")
        unit = Unit.objects.create(community=community, code="8-2-301", room="301", kind=UnitKind.HIGH_RISE)
        Occupancy.objects.create(unit=unit, person=person, start=date(2024, 1, 1))
    owner = find_or_create_owner(phone="13800001234")
    assert seen(owner) == ["other", "spruce"]
    assert Unit.objects.visible_to(owner).count() == 2


def test_find_or_create_owner_twice_is_one_log_in(company):
    Person.objects.create(company=company, name="李明", phone="13800001234")
    assert find_or_create_owner(phone="13800001234") == find_or_create_owner(phone="13800001234")


def test_find_or_create_owner_of_an_unknown_phone_is_refused(company):
    with pytest.raises(NotRegisteredError):
        find_or_create_owner(phone="13900005678")


def test_may_follows_the_role_table(spruce):
    clerk = staff("chen")
    grant_role(user=clerk, role=Role.CASHIER, company=spruce.company, community=spruce, by=None)
    fresh = User.objects.get(pk=clerk.pk)
    assert fresh.may("payments.take")
    assert not fresh.may("billing.issue")


def test_no_role_of_staff_carries_an_owners_permission():
    carriers = [role for role, permissions in PERMISSIONS.items() if "portal.own" in permissions]
    assert carriers == [Role.OWNER]


def test_grant_role_twice_is_one_and_both_changes_end_sessions(spruce):
    clerk = staff("chen")
    for _ in range(2):
        membership = grant_role(
            user=clerk, role=Role.CASHIER, company=spruce.company, community=spruce, by=None
        )
    revoke_role(membership=membership, by=None)
    clerk.refresh_from_db()
    assert clerk.session_version == 3
    assert seen(clerk) == []
