"""Two people decide about money (S-19): one asks, another agrees. Every act that changes what is owed carries this."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidError
from estates.models import Community


class SamePersonError(InvalidError):
    """A decision about money needs a second person (S-19)."""

    code = "billing.same_person"
    message = _("A second person must approve this.")


class MixedCommunitiesError(InvalidError):
    """One deed is about one community: its books and its people."""

    code = "billing.mixed_communities"
    message = _("One correction is about one community.")


def refuse_same_person(requested_by: Any, approved_by: Any) -> None:
    """Raise SamePersonError when nobody else agreed; a name and its user are one person."""
    if str(requested_by) == str(approved_by):
        raise SamePersonError()


@dataclass(frozen=True)
class Approval:
    """A decision about money: the deed it belongs to, why, who asked, who agreed, and the day it is booked.

    ``source`` names the deed (``request:7``) and makes it once; fifty characters at most. One person alone cannot
    make one: SamePersonError.
    """

    source: str
    reason: str
    requested_by: Any
    approved_by: Any
    day: date
    now: datetime

    def __post_init__(self) -> None:
        """Refuse a decision that one person made alone."""
        refuse_same_person(self.requested_by, self.approved_by)


def the_one_community(communities: Collection[Community]) -> Community:
    """Return the community that rows of one deed are about. Raises MixedCommunitiesError."""
    found = set(communities)
    if len(found) != 1:
        raise MixedCommunitiesError()
    return found.pop()
