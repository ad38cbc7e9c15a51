"""Home: what is due, the units, the year, the last receipts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.selectors.outstanding import bills_with_outstanding
from billing.selectors.schedules import find_next_run_of
from core.charts import Columns, Point, draw_columns
from core.figures import format_amount, format_area, format_month
from estates.models import Occupancy, Unit
from payments.models import PrepaymentEntry
from portal.pages import DueView, Frame, HomePage, UnitView
from portal.readers import Owner, Reader
from portal.selectors.bills import total_open
from portal.selectors.frames import make_frame, phone_link, state_of_bill, steward_of, with_place
from portal.selectors.receipts import receipt_rows

LATEST = 3
MONTHS_SHOWN = 12


def home_page(reader: Reader) -> HomePage:
    """What a reader sees first. Behind a link that is the bills of the link and nothing else."""
    bills = _open_bills(reader)
    due = tuple(_due(reader, bill) for bill in bills)
    first = bills[0] if bills else None
    units = list_units(reader, bills) if isinstance(reader, Owner) else []
    page = HomePage(
        frame=_frame(reader, first, units),
        due=due,
        units=tuple(view for _unit, view in units),
        receipts=tuple(receipt_rows(reader, reader.receipts().order_by("-paid_at")[:LATEST])),
        total=total_open(bills),
        pay_url=reader.url("sum") if due else "",
        family_url=reader.url("family") if due else "",
    )
    return _with_home(page, reader, [unit for unit, _view in units]) if isinstance(reader, Owner) else page


def _open_bills(reader: Reader) -> list[Any]:
    found = bills_with_outstanding(reader.bills()).filter(outstanding__gt=0)
    return list(with_place(found).order_by("due_on", "account__unit__sort_key", "id"))


def _due(reader: Reader, bill: Any) -> DueView:
    url = reader.url("bill", bill.number)
    return DueView(bill.account.unit.label, bill.outstanding, bill.due_on, url)


def _frame(reader: Reader, bill: Any, units: list[tuple[Unit, UnitView]]) -> Frame:
    if bill is not None:
        return make_frame(reader, community=bill.community.name, where=bill.account.unit.label, here="home")
    community = units[0][0].community.name if units else ""
    return make_frame(reader, community=community, here="home")


def list_units(reader: Owner, open_bills: list[Any] | None = None) -> list[tuple[Unit, UnitView]]:
    """The units the person holds today, each with what it leaves to pay; what was sold is not theirs any more."""
    bills = _open_bills(reader) if open_bills is None else open_bills
    held = Unit.objects.filter(
        pk__in=Occupancy.objects.visible_to(reader.user).on(reader.today).values("unit")
    )
    in_order = held.select_related("building", "community").order_by("sort_key")
    return [(unit, _unit_view(reader, unit, bills)) for unit in in_order]


def _unit_view(reader: Reader, unit: Unit, bills: list[Any]) -> UnitView:
    own = [bill for bill in bills if bill.account.unit_id == unit.pk]
    due_on = min((bill.due_on for bill in own), default=reader.today)
    state = state_of_bill(total_open(own), due_on, reader.today)
    return UnitView(unit.label, _tell_unit(unit), state, total_open(own), reader.url("bills"))


def _tell_unit(unit: Unit) -> str:
    kind = str(unit.get_kind_display())
    return f"{kind} · {format_area(unit.area_m2)}" if unit.area_m2 else kind


def _with_home(page: HomePage, reader: Owner, units: list[Unit]) -> HomePage:
    """Add what only the owner's own home has: prepayment, the year's chart, the next bill, whom to call."""
    more: dict[str, Any] = {
        "receipts_url": reader.url("receipts"),
        "prepaid": PrepaymentEntry.objects.visible_to(reader.user).aggregate(sum=Sum("amount"))["sum"]
        or Decimal(),
    }
    if units:
        community = units[0].community
        more |= {"steward": steward_of(community), "phone_url": phone_link(community)}
        next_run = find_next_run_of(community, reader.today)
        more |= {"next_bill_on": next_run and next_run.day}
        more |= {"year": _year(reader, units[0]), "year_room": units[0].label}
    return HomePage(**{**vars(page), **more})


def _year(reader: Reader, unit: Unit) -> Columns | None:
    since = reader.today - timedelta(days=31 * MONTHS_SHOWN)
    rows = reader.bills().filter(account__unit=unit, period_start__gt=since).order_by("period_start")
    totals = rows.values_list("period_start").annotate(Sum("total")).order_by("period_start")
    points = [
        Point(format_month(start, reader.today), total, format_amount(total))
        for start, total in list(totals)[-MONTHS_SHOWN:]
    ]
    return draw_columns(points, summary=_tell_year(points)) if points else None


def _tell_year(points: list[Point]) -> str:
    """The chart in a sentence, for those who do not see it."""
    in_order = sorted(points, key=lambda point: point.value)
    low, high = in_order[0], in_order[-1]
    figures = {"low": low.text, "in_low": low.name, "high": high.text, "in_high": high.name}
    return (
        _("Bills month by month: the lowest %(low)s in %(in_low)s, the highest %(high)s in %(in_high)s.")
        % figures
    )
