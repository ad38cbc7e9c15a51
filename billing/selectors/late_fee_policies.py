"""Which late-fee clause governs a bill, from when it is late, and the rates courts look at."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection
from datetime import date
from functools import cached_property

from billing.domain.court_view import LPR, LendingRates
from billing.models import LateFeePolicy, LendingRate
from billing.models.late_fees import Charging
from core.calendars import WorkCalendar, get_calendar


class Clauses:
    """The late-fee policies of some communities (None: of all), and the calendar their due days move by.

    Read once and handed along within one deed; the calendar is read when the first due day is asked for.
    """

    def __init__(self, community_ids: Collection[int] | None = None) -> None:
        policies = LateFeePolicy.objects.order_by("community_id", "start")
        if community_ids is not None:
            policies = policies.filter(community_id__in=community_ids)
        self._versions: dict[int, list[LateFeePolicy]] = defaultdict(list)
        for policy in policies:
            self._versions[policy.community_id].append(policy)
        self._late_from: dict[date, date] = {}

    @cached_property
    def _calendar(self) -> WorkCalendar:
        return get_calendar()

    def late_from(self, due_on: date) -> date:
        """The due day moved to a working day (Civil Code 203); days repeat, so each is looked up once."""
        if due_on not in self._late_from:
            self._late_from[due_on] = self._calendar.next_workday(due_on)
        return self._late_from[due_on]

    def charging_at_payment(self) -> set[int]:
        """The communities with a clause that charges late fee with the payment, whatever its days."""
        return {
            community_id
            for community_id, versions in self._versions.items()
            if any(policy.charging == Charging.PAYMENT and policy.percent for policy in versions)
        }

    def find(self, community_id: int, due_on: date) -> LateFeePolicy | None:
        """The version that governs bills due on the day; None when it asks for nothing."""
        versions = self._versions.get(community_id, [])
        at = bisect_right(versions, due_on, key=lambda policy: policy.start) - 1
        return versions[at] if at >= 0 and versions[at].percent else None


def get_lending_rates() -> LendingRates:
    """The loan prime rate by day: the bundled table, and what was entered since."""
    return LendingRates.of({**LPR, **dict(LendingRate.objects.values_list("day", "percent"))})
