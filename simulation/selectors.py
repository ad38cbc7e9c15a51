"""What came of a story, in figures that the product's own selectors give."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, Sum

from billing.models import Bill, BillState, ChargeLine
from billing.selectors.outstanding import bill_balances, bills_with_outstanding
from core.invariants import get_figures
from core.models import AuditRecord
from core.money import ZERO
from estates.models import Community, Unit, UnitKind
from messaging.models import OutboundMessage

HOUSEHOLDS = (UnitKind.HIGH_RISE, UnitKind.TOWNHOUSE, UnitKind.VILLA, UnitKind.SHOP, UnitKind.OFFICE)
BUILT = "simulation.built"


def find_plot(community: Community) -> dict[str, Any] | None:
    """The plot a community was built from; None when it is nobody's story."""
    record = AuditRecord.objects.filter(action=BUILT, community_id=community.pk).order_by("-id").first()
    return None if record is None else dict(record.after or {})


def measure_story(community: Community, as_of: date) -> dict[str, Any]:
    """The figures of the demo: what stands here, what was billed, what came in, who is behind."""
    units = Unit.objects.filter(community=community, kind__in=HOUSEHOLDS)
    bills = Bill.objects.filter(community=community, state=BillState.ISSUED)
    billed = bills.aggregate(count=Count("pk"), sum=Sum("total"))
    balances = bill_balances(bills, as_of).values()
    received = sum((balance.settled for balance in balances), ZERO)
    late = bills_with_outstanding(bills.past_due(as_of), as_of).filter(outstanding__gt=0)
    total = billed["sum"] or ZERO
    return {
        "units": units.count(),
        "area_m2": units.aggregate(sum=Sum("area_m2"))["sum"] or ZERO,
        "bills": billed["count"],
        "lines": ChargeLine.objects.filter(bill__in=bills).count(),
        "billed": total,
        "received": received,
        "outstanding": sum((balance.outstanding for balance in balances), ZERO),
        "collection_rate": round(float(received / total), 4) if total else 0.0,
        "arrears_households": late.filter(account__unit__in=units).values("account__unit").distinct().count(),
        "messages": OutboundMessage.objects.filter(community=community).count(),
        "imbalance": get_figures(as_of)["imbalance"],
    }
