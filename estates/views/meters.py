"""Meters at the desk: the tree with its losses, one meter's story, the template of a round, photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import may, requires
from core.charts import Point, draw_columns
from core.errors import DomainError
from core.figures import format_month, format_number, format_period
from core.periods import Period
from core.staff import StaffView, telling_on
from estates.acts import ACT_FIELDS, ACT_TITLES, ActForm
from estates.exports import write_readings_template
from estates.models import Community, FaultKind, Meter, MeterFault, Reading
from estates.photos import send_photo
from estates.selectors import meter_tree
from estates.selectors.checks import list_story
from estates.services.meters import end_fault, open_fault, swap_meter
from estates.services.recording import Taken, estimate_reading, give_opening
from estates.views.register import XLSX

CHECKERS = "estates.check_readings"
MOST_COLUMNS = 12


@requires("estates.view")
class TreeView(StaffView):
    """The meters of a community as a tree: what each counted in a month, what it passed on, what was lost."""

    title = gettext_lazy("Meters and losses")
    template_name = "estates/meters.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the trees of the community and month that are asked for, else of the first and of last month."""
        communities = list(Community.objects.visible_to(self.request.user))
        code = self.request.GET.get("community", "")
        community = next((each for each in communities if each.code == code), None)
        community = community or next(iter(communities), None)
        if community is None:
            return super().get_context_data(rows=[], communities=[], **context)
        context["may_import"] = may(self.request.user, "estates.readings")
        period = _month(self.request.GET.get("month", ""))
        rows = [
            {"depth": depth, "indent": "　" * depth, "branch": branch}
            for top in meter_tree(community, period)
            for depth, branch in top.walk()
        ]
        return super().get_context_data(
            rows=rows, communities=communities, community=community, month=f"{period.start:%Y-%m}",
            **{"lead": f"{community.name} · {format_period(period)}", **context},
        )  # fmt: skip


def _month(text: str) -> Period:
    """The month that is asked for, or the last whole one."""
    try:
        return Period.month(text)
    except (ValueError, DomainError):
        before = timezone.localdate().replace(day=1)
        return Period.month(f"{before.year - (before.month == 1)}-{(before.month - 2) % 12 + 1:02}")


@requires("estates.view")
class MeterView(StaffView):
    """One meter: what it is, what it used, its readings, faults, and the acts of a clerk."""

    title = gettext_lazy("Meter")
    template_name = "estates/meter.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the meter's story, newest first."""
        meter = context.pop("meter", None) or self._meter(context.pop("pk"))
        story = list_story(meter)
        where = meter.unit.label if meter.unit else _("community meter")
        given = context.pop("form", None)
        return super().get_context_data(
            meter=meter,
            story=[*reversed(story)],
            chart=_chart(story),
            faults=MeterFault.objects.filter(meter=meter).order_by("-start"),
            acts=self._acts(meter, given),
            opened=given[0] if given else "",
            **{"title": meter.code, "lead": f"{meter.community} · {where}", **context},
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Do one act, for those who may check readings."""
        if not may(request.user, CHECKERS):
            raise PermissionDenied
        meter, act = self._meter(pk), request.POST.get("act", "")
        form = ActForm(ACT_FIELDS.get(act, ()), request.POST, auto_id=f"id_{act}_%s")
        if act in ACTS and form.is_valid():
            with telling_on(form):
                ACTS[act](meter, form.cleaned_data, _taken(request, form.cleaned_data))
                messages.success(request, _("Recorded."))
                return redirect("estates:meter", meter.pk)
        return self.render_to_response(self.get_context_data(meter=meter, form=(act, form)), status=422)

    def _meter(self, pk: int) -> Meter:
        rows = Meter.objects.visible_to(self.request.user).select_related(
            "unit__building", "community", "parent"
        )
        meter: Meter = get_object_or_404(rows, pk=pk)
        return meter

    def _acts(self, meter: Meter, given: tuple[str, ActForm] | None) -> list[dict[str, Any]]:
        """The acts that make sense now, each with its form."""
        if not may(self.request.user, CHECKERS):
            return []
        is_faulty = MeterFault.objects.filter(meter=meter, end=None).exists()
        names = [name for name in ACT_TITLES if name != ("fault" if is_faulty else "end_fault")]
        today = {"on": timezone.localdate()}
        return [
            {
                "name": name,
                "title": ACT_TITLES[name],
                "form": given[1]
                if given and given[0] == name
                else ActForm(ACT_FIELDS[name], initial=today, auto_id=f"id_{name}_%s"),
            }
            for name in names
        ]


def _chart(story: Any) -> Any:
    """The uses between the last readings as columns, or None while there are none."""
    points = [
        Point(format_month(told.reading.read_on), told.use, format_number(told.use))
        for told in story
        if told.use is not None
    ]
    return draw_columns(points[-MOST_COLUMNS:], summary=_("Use between readings")) if points else None


def _taken(request: HttpRequest, given: Mapping[str, Any]) -> Taken:
    source = given.get("source") or "desk"
    return Taken(request.user, timezone.now(), source, note=given.get("note") or given.get("reason") or "")


Act = Callable[[Meter, Mapping[str, Any], Taken], object]


def _estimate(meter: Meter, given: Mapping[str, Any], taken: Taken) -> None:
    estimate_reading(meter=meter, on=given["on"], value=given["guess"], shown=given["shown"], taken=taken)


def _swap(meter: Meter, given: Mapping[str, Any], taken: Taken) -> None:
    figures = {name: given[name] for name in ("on", "old_closing", "new_opening", "multiplier")}
    swap_meter(meter=meter, taken=taken, **figures)


def _fault(meter: Meter, given: Mapping[str, Any], taken: Taken) -> None:
    kind = FaultKind(given["fault"])
    open_fault(meter=meter, kind=kind, start=given["on"], reason=given["reason"], taken=taken)


def _end_fault(meter: Meter, given: Mapping[str, Any], taken: Taken) -> None:
    fault = MeterFault.objects.filter(meter=meter, end=None).select_related("meter__community").first()
    if fault is None:
        raise Http404
    end_fault(fault=fault, on=given["on"], value=given["value"], taken=taken)


def _opening(meter: Meter, given: Mapping[str, Any], taken: Taken) -> None:
    give_opening(meter=meter, on=given["on"], value=given["value"], taken=taken)


ACTS: Mapping[str, Act] = {
    "estimate": _estimate,
    "swap": _swap,
    "fault": _fault,
    "end_fault": _end_fault,
    "opening": _opening,
}


@requires("estates.view")
def download_template(request: HttpRequest, code: str) -> HttpResponse:
    """Send the sheet a round is filled in on: every meter of a community with its last value."""
    community = get_object_or_404(Community.objects.visible_to(request.user), code=code)
    name = _("Readings %(community)s") % {"community": community.name}
    return send_workbook(write_readings_template(community), name)


def send_workbook(workbook: bytes, name: str) -> HttpResponse:
    """Send a workbook to be kept under a name."""
    response = HttpResponse(workbook, content_type=XLSX, headers={"X-Content-Type-Options": "nosniff"})
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return response


@requires("estates.view")
def show_photo(request: HttpRequest, pk: int) -> FileResponse:
    """Send the photo of a reading."""
    reading = get_object_or_404(Reading.objects.visible_to(request.user).exclude(photo=""), pk=pk)
    return send_photo(reading.photo)
