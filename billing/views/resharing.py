"""A pool shared again when somebody turns out to have been left out: before, after, and another person's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing.models import PoolResharing, PoolResult
from billing.selectors.hand_over import Effects, list_effects_of
from billing.selectors.resharing import list_resharings
from billing.services.resharing import PoolAgain, UnitShare, preview_resharing
from billing.services.resharing_requests import approve_resharing, refuse_resharing, request_resharing
from billing.views.pools import find_pool
from core.access import may, requires
from core.errors import DomainError
from core.figures import format_period
from core.money import ZERO
from core.periods import Period
from core.staff import StaffView, telling_refusals
from users.acting import acting_user


@requires("billing.correct")
class ReshareView(StaffView):
    """One pool: each unit's share as it was and as it would be, who has paid, and the request that waits."""

    template_name = "billing/reshare.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the two splits, the request that waits, and what earlier ones did."""
        pool = find_pool(self.request, context.pop("pk"))
        user = acting_user(self.request)
        asked = PoolResharing.objects.filter(pool=pool).waiting().first()
        again, why_not = _look(pool)
        rows = again.shares() if again else []
        page = super().get_context_data(
            pool=pool,
            rows=rows,
            total=_total(rows),
            why_not=why_not,
            asked=asked,
            may_decide=may(user, "billing.approve") and asked is not None and asked.requested_by != str(user),
            effects=_list_effects(pool),
            **context,
        )
        period = format_period(Period(pool.period_start, pool.period_end))
        title = _("Share again: %(fee)s") % {"fee": pool.fee_item.name}
        return page | {
            "title": title,
            "lead": f"{pool.fee_item.community.name} · {pool.meter_code} · {period}",
        }

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the second split."""
        pool, reason = find_pool(request, pk), request.POST.get("reason", "")[:200]
        with telling_refusals(request, _("It waits for another person.")):
            request_resharing(pool=pool, reason=reason, by=acting_user(request), now=timezone.now())
        return redirect("billing:reshare", pk)


def _look(pool: PoolResult) -> tuple[PoolAgain | None, str]:
    try:
        return preview_resharing(pool), ""
    except DomainError as error:
        return None, str(error)


def _total(rows: Sequence[UnitShare]) -> dict[str, Decimal]:
    """Both splits summed: each comes to what was shared."""
    before = sum((row.before or ZERO for row in rows), ZERO)
    after = sum((row.after for row in rows), ZERO)
    return {"before": before, "after": after, "difference": after - before}


def _list_effects(pool: PoolResult) -> Effects:
    """What earlier requests for this pool put right."""
    sources = [asked.source for asked in PoolResharing.objects.filter(pool=pool).approved()]
    return list_effects_of(Q(community=pool.fee_item.community_id), sources)


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree: unpaid shares become smaller by corrections, and who joined gets a bill."""
    return _decide(request, pk, approve_resharing, _("The pool is shared again."))


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no: every share stays."""
    return _decide(request, pk, refuse_resharing, _("Refused."))


def _decide(request: HttpRequest, pk: int, decide: Callable[..., object], done: str) -> HttpResponse:
    asked: PoolResharing = get_object_or_404(list_resharings(request.user), pk=pk)
    with telling_refusals(request, done):
        decide(asked=asked, by=acting_user(request), now=timezone.now())
    return redirect("billing:reshare", asked.pool_id)
