"""What billing says against closing a month."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from billing.models import BillRun, RunState
from core.errors import Problem
from core.figures import format_period
from core.periods import Period
from ledger.closing import ClosingScope, closing_check


@closing_check("billing.drafts")
def drafts(scope: ClosingScope) -> Iterator[Problem]:
    """Bills of the month that are not issued would be booked later: issue the run, or throw it away."""
    runs = BillRun.objects.filter(community__in=scope.community_ids, period_start__lte=scope.through)
    for run in runs.exclude(state=RunState.ISSUED).select_related("community").order_by("period_start"):
        words = {
            "community": run.community.name,
            "period": format_period(Period(run.period_start, run.period_end)),
        }
        message = _("%(community)s, %(period)s: the bill run is not issued. Issue it or throw it away.")
        yield Problem("billing.drafts", message % words, {"run": run.pk})
