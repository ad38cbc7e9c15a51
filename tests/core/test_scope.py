"""What is out of scope does not exist."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser

from core.models import AuditRecord
from core.scope import NOTHING, Scope
from estates.models import Community, Company, Unit


@dataclass(frozen=True)
class Person:
    scope: Scope


def staff(*communities: Community) -> Person:
    return Person(Scope(community_ids=frozenset(community.pk for community in communities)))


@pytest.fixture
def communities(db: None) -> list[Community]:
    company = Company.objects.create(name="暖邻物业")
    return [
        Community.objects.create(company=company, code=code, name=code) for code in ("spruce", "pine", "elm")
    ]


def seen(person: object) -> list[str]:
    return sorted(Community.objects.visible_to(person).values_list("code", flat=True))


def test_staff_see_their_communities(communities: list[Community]) -> None:
    assert seen(staff(*communities[:2])) == ["pine", "spruce"]


def test_everything_is_everything(communities: list[Community]) -> None:
    assert seen(Person(Scope(everything=True))) == ["elm", "pine", "spruce"]


@pytest.mark.parametrize("stranger", [AnonymousUser(), Person(NOTHING), object()])
def test_strangers_see_nothing(communities: list[Community], stranger: object) -> None:
    assert seen(stranger) == []


def test_a_model_that_owners_may_not_see_shows_them_nothing(communities: list[Community]) -> None:
    AuditRecord.objects.create(action="x", target_type="y", digest="", community_id=communities[0].pk)
    owner = Person(Scope(person_ids=frozenset({1})))
    assert not AuditRecord.objects.visible_to(owner).exists()
    assert AuditRecord.objects.visible_to(staff(communities[0])).count() == 1


def test_rows_reached_over_many_others_come_once(communities: list[Community]) -> None:
    rows = Community.objects.visible_to(Person(Scope(person_ids=frozenset({1, 2}))))
    assert not rows.query.distinct  # a subquery: may be ordered, counted, updated
    assert rows.count() == 0


def test_scope_adds_no_join_for_a_direct_path(communities: list[Community]) -> None:
    assert "JOIN" not in str(Unit.objects.visible_to(staff(communities[0])).query)
