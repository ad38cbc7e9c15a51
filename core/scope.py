"""How far a log-in can see: communities for staff, people for owners, nothing for strangers (S-01).

A model says by look-up paths where its community and its person stand:

    class Bill(models.Model):
        scope_community: ClassVar[str] = "community_id"
        scope_person: ClassVar[str | None] = "account__payer_id"   # None: nothing for owners to see
        objects = ScopedQuerySet.as_manager()

and every read goes through `Bill.objects.visible_to(user)`. Another tenant's row is not found, never refused.
"""

from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.contrib.admin.utils import lookup_spawns_duplicates
from django.db import models

Row = TypeVar("Row", bound=models.Model)


@dataclass(frozen=True)
class Scope:
    """What one log-in may see. Staff carry communities, an owner the people whose phone is theirs."""

    everything: bool = False
    community_ids: frozenset[int] = frozenset()
    person_ids: frozenset[int] = frozenset()


NOTHING = Scope()


class ScopedQuerySet(models.QuerySet[Row]):
    """Rows narrowed to a log-in by the model's `scope_community` and `scope_person`."""

    def visible_to(self, user: Any) -> Self:
        """Keep the rows the log-in may see; a user without a `scope` sees none."""
        scope: Scope = getattr(user, "scope", NOTHING)
        if scope.everything:
            return self
        if scope.community_ids:
            return self.for_communities(scope.community_ids)
        return self.for_people(scope.person_ids)

    def for_communities(self, community_ids: frozenset[int]) -> Self:
        """Keep the rows of these communities."""
        return self._within(self.model.scope_community, community_ids)  # type: ignore[attr-defined]

    def for_people(self, person_ids: frozenset[int]) -> Self:
        """Keep the rows of these people; override it where time matters, as with a flat that was sold."""
        path: str | None = self.model.scope_person  # type: ignore[attr-defined]
        return self._within(path, person_ids) if path and person_ids else self.none()

    def _within(self, path: str, ids: frozenset[int]) -> Self:
        """Filter by a path; where it could meet a row twice, through a subquery."""
        condition = {f"{path}__in": ids}
        if not lookup_spawns_duplicates(self.model._meta, path):
            return self.filter(**condition)
        return self.filter(pk__in=self.model._base_manager.filter(**condition).values("pk"))
