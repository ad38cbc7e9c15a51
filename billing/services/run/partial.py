"""Some buildings of an approved run go out now; the rest stays draft until it is issued too."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.domain.lifecycle import next_run_state
from billing.models import Bill, BillRun, BillState
from billing.services.run.issuing import make_owed
from billing.services.run.posting import post_bills
from core import audit
from core.errors import ConflictError


class NothingToIssueError(ConflictError):
    """None of the buildings asked for has a draft left."""

    code = "billing.nothing_to_issue"
    message = _("These buildings have no drafts left to issue.")


@transaction.atomic
def issue_buildings(*, run: BillRun, building_ids: Collection[int], day: date, by: Any) -> int:
    """Issue the drafts of these buildings (0: units that stand in none) on a day; return how many bills.

    The run stays approved, and what it bills from now on stays draft. A second time there is nothing left to issue.
    Raises StepNotAllowedError when the run was not reviewed, NothingToIssueError.
    """
    run = BillRun.objects.select_for_update(of=("self",)).select_related("community").get(pk=run.pk)
    next_run_state(run.state, "issue")
    issued = sum(_issue_building(run, building_id, day) for building_id in sorted(set(building_ids)))
    if not issued:
        raise NothingToIssueError()
    audit.record(
        action="billing.issue_buildings",
        target=run,
        by=by,
        community_id=run.community_id,
        after={"buildings": sorted(set(building_ids)), "bills": issued, "day": day},
    )
    return issued


def _issue_building(run: BillRun, building_id: int, day: date) -> int:
    """One entry in the journal a building and pass; the number of drafts left tells passes apart."""
    drafts = Bill.objects.filter(
        run=run, state=BillState.DRAFT, account__unit__building=building_id or None
    ).order_by("pk")
    bills = list(drafts.values_list("pk", "account_id"))
    if bills:
        owed = make_owed(run, [account_id for _bill, account_id in bills], day)
        post_bills(run, f"building {building_id} from bill {bills[0][0]}", owed, day)
    return len(bills)
