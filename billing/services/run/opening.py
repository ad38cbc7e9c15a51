"""Opening a run: accounts as the register has them, pools shared and frozen, and the chunks to be billed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Max

from billing.domain.scopes import classify, resolve
from billing.domain.slab import Plan
from billing.models import BillingPolicy, BillRun, RunChunk, RunProblem
from billing.models.runs import REGULAR
from billing.selectors.columns import IntArray, arrays, read_integers
from billing.selectors.snapshot import Holdings, hull, load_holdings, load_plan
from billing.services.accounts import open_accounts
from billing.services.run.anniversaries import name_units_without_handover
from billing.services.run.contracts import name_contract_gaps
from billing.services.run.pools import share_pools
from billing.services.run.problems import as_problem
from core import audit
from core.bulk import copy_rows
from core.calendars import get_calendar
from core.failpoints import failpoint
from core.periods import Period
from estates.models import Community, Unit

CHUNK = 1000


@transaction.atomic
def open_run(
    *, community: Community, period: Period, now: datetime, by: Any = None, chunk_size: int = CHUNK
) -> BillRun:
    """Open the run of a month, or find it and add the accounts that have no bill in it yet.

    What was billed stays as it is. Accounts that came late, were parked, or had nothing to pay are put into new
    chunks, and what was said about parked ones is forgotten, to be said again if it still holds. The caller
    holds the run's lock.
    """
    run, is_new = BillRun.objects.get_or_create(
        community=community,
        schedule=REGULAR,
        period_start=period.start,
        defaults={"period_end": period.end, "due_on": find_due_day(community, period), "opened_at": now},
    )
    plan = load_plan(run)
    open_accounts(community=community, as_of=hull(plan).start)
    if is_new:
        audit.record(action="billing.open_run", target=run, by=by, community_id=community.pk)
    RunProblem.objects.filter(run=run, blocks=True).delete()
    holdings = load_holdings(community.pk, plan)
    # Shared and frozen before any chunk is billed: the share of one unit depends on all of them, not on
    # those of its chunk.
    share_pools(run, plan, holdings)
    _find_units_without_payer(run, plan, holdings)
    name_units_without_handover(run, holdings)
    name_contract_gaps(run)
    _add_chunks(run, holdings.accounts.id, chunk_size)
    failpoint("billing.run.opened")
    run.refresh_from_db()
    return run


def find_due_day(community: Community, period: Period) -> date:
    """Return the day the bills of a month fall due: so many days after its first, on a day people work."""
    policy = BillingPolicy.objects.filter(community=community).first() or BillingPolicy()
    return get_calendar().next_workday(period.start + timedelta(days=policy.due_after_days))


def _find_units_without_payer(run: BillRun, plan: Plan, holdings: Holdings) -> None:
    """Park the units that would be charged, had they a payer on any of the days."""
    places, paying = holdings.places, holdings.accounts.unit
    charged = np.zeros(places.unit.size, dtype=bool)
    for item in plan.items:
        classes = classify(places, item.tariffs, plan.targets)
        has_price = [bool(resolve(item.tariffs, scopes, item.period)) for scopes in classes.scopes]
        charged |= np.array(has_price, dtype=bool)[classes.of_unit] & item.charges(places.unit)
    orphans = places.unit[charged & ~np.isin(places.unit, paying)].tolist()
    codes = Unit.objects.filter(pk__in=orphans).order_by("sort_key").values_list("code", flat=True)
    RunProblem.objects.bulk_create(as_problem(run, "no_payer", code, {}, blocks=True) for code in codes)


def _add_chunks(run: BillRun, wanted: IntArray, size: int) -> None:
    """Cut the accounts that have no bill in the run and stand in no waiting chunk into chunks, in walking order."""
    waiting = RunChunk.objects.filter(run=run, is_billed=False).values_list("account_ids", flat=True)
    taken = np.concatenate([_billed_accounts(run), *(np.array(ids, dtype=np.int64) for ids in waiting)])
    ids = wanted[~np.isin(wanted, taken)]
    first = (RunChunk.objects.filter(run=run).aggregate(last=Max("number"))["last"] or 0) + 1
    chunks = [ids[start : start + size] for start in range(0, ids.size, size)]
    copy_rows(
        RunChunk._meta.db_table,
        {
            "run_id": [run.pk] * len(chunks),
            "number": range(first, first + len(chunks)),
            "account_ids": arrays(chunks),
            "is_billed": [False] * len(chunks),
        },
    )
    BillRun.objects.filter(pk=run.pk).update(
        chunk_count=F("chunk_count") + len(chunks), account_count=wanted.size
    )


def _billed_accounts(run: BillRun) -> IntArray:
    sql = "SELECT account_id FROM billing_runitem WHERE run_id = %s"
    return read_integers(["account"], sql, [run.pk])["account"]
