"""How far a log-in can see: communities for staff, people for owners, nothing for strangers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from users.models import User


@dataclass(frozen=True)
class Scope:
    """What one log-in may see. Staff carry communities, an owner the people whose phone is theirs."""

    everything: bool = False
    community_ids: frozenset[int] = frozenset()
    person_ids: frozenset[int] = frozenset()


class ScopedQuerySet(models.QuerySet[Any]):
    """Rows narrowed to a log-in by two class attributes of the model.

    ``scope_community`` is the lookup path to the community's id; ``scope_person`` the path to the id of
    the person a row belongs to, or None where owners see nothing. Another tenant's row is not found,
    never refused.
    """

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep the rows the log-in may see."""
        scope: Scope = getattr(user, "scope", Scope())
        if scope.everything:
            return self
        if scope.community_ids:
            return self.for_communities(scope.community_ids)
        return self.for_people(scope.person_ids)

    def for_communities(self, community_ids: frozenset[int]) -> Self:
        """Keep the rows of these communities."""
        path: str = self.model.scope_community
        found = self.filter(**{f"{path}__in": community_ids})
        return found.distinct() if "__" in path else found

    def for_people(self, person_ids: frozenset[int]) -> Self:
        """Keep the rows of these people; a model that owners may not see gives none."""
        path: str | None = self.model.scope_person
        if path is None or not person_ids:
            return self.none()
        found = self.filter(**{f"{path}__in": person_ids})
        return found.distinct() if "__" in path else found
