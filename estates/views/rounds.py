"""The reader's round, on a phone: which building, which meter next, what it shows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View

from core.access import requires
from core.errors import DomainError
from core.figures import format_number
from estates.domain.judging import Judged
from estates.domain.reading_rows import LARGEST
from estates.models import Meter, ReadingCheck
from estates.photos import PhotoField
from estates.selectors.rounds import Round, get_round, list_readable, list_rounds
from estates.services.recording import Taken, judge_reading, record_reading, skip_meter

SOURCE = "round"
SKIPS = (
    ("locked", gettext_lazy("nobody at home")),
    ("covered", gettext_lazy("covered or built in")),
    ("unreadable", gettext_lazy("the dial cannot be read")),
    ("gone", gettext_lazy("the meter is gone")),
)


class ReadForm(forms.Form):
    """What the meter shows, with a photo if the reader takes one."""

    value = forms.DecimalField(min_value=0, max_value=LARGEST - 1, max_digits=12, decimal_places=4)
    photo = PhotoField(required=False)


class SkipForm(forms.Form):
    """Why a meter could not be read."""

    skip = forms.ChoiceField(choices=SKIPS)


@requires("estates.read_meters")
class RoundsView(View):
    """The buildings of the person's communities, and how far each round of the month is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """List the rounds."""
        rounds = list_rounds(request.user, timezone.localdate())
        return render(request, "round/rounds.html", {"rounds": rounds})


@requires("estates.read_meters")
class RoundView(View):
    """The meters of a building in walking order, done and open."""

    def get(self, request: HttpRequest, building: int) -> HttpResponse:
        """List the stops."""
        found = _get_round(request, building)
        return render(
            request, "round/round.html", {"round": found, "page": _page(found), "next": found.after(0)}
        )


@requires("estates.read_meters")
class StopView(View):
    """One meter: its last value, what it shows now, or why it cannot be read."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the meter."""
        return self._show(request, self._meter(request, pk), ReadForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Record the value, or the reason for none, and go on to the next meter."""
        meter = self._meter(request, pk)
        skip = SkipForm(request.POST)
        try:
            if "skip" in request.POST and skip.is_valid():
                self._skip(request, meter, skip.cleaned_data["skip"])
                return self._go_on(request, meter)
            form = ReadForm(request.POST, request.FILES)
            if not form.is_valid():
                return self._show(request, meter, form, status=422)
            return self._record(request, meter, form)
        except DomainError as error:
            form = ReadForm(request.POST)
            form.add_error("value", str(error))
            return self._show(request, meter, form, status=error.status)

    def _meter(self, request: HttpRequest, pk: int) -> Meter:
        meter: Meter = get_object_or_404(list_readable(request.user), pk=pk)
        return meter

    def _skip(self, request: HttpRequest, meter: Meter, reason: str) -> None:
        words = str(dict(SKIPS)[reason])
        skip_meter(meter=meter, on=timezone.localdate(), reason=words, taken=_taken(request))

    def _record(self, request: HttpRequest, meter: Meter, form: ReadForm) -> HttpResponse:
        """Record a value; a doubtful one is held first, and recorded when the same value is given again."""
        waiting, value = _find_waiting(meter), form.cleaned_data["value"]
        is_again = waiting is not None and waiting.value == value
        photo = form.cleaned_data["photo"] or (waiting.photo if waiting and waiting.photo else None)
        recorded = record_reading(
            meter=meter,
            on=timezone.localdate(),
            value=value,
            taken=_taken(request, photo),
            confirmed=is_again,
        )
        if recorded.reading is None and not is_again:
            return redirect("estates:round_meter", meter.pk)
        told = _("Saved.") if recorded.reading else _("Kept; the office will look at it.")
        messages.success(request, told)
        return self._go_on(request, meter)

    def _go_on(self, request: HttpRequest, meter: Meter) -> HttpResponse:
        building = meter.unit.building_id  # type: ignore[union-attr]
        found = _get_round(request, building or 0)
        following = found.after(meter.pk)
        if following is None:
            return redirect("estates:round", building)
        return redirect("estates:round_meter", following.meter.pk)

    def _show(self, request: HttpRequest, meter: Meter, form: ReadForm, status: int = 200) -> HttpResponse:
        found = _get_round(request, meter.unit.building_id or 0)  # type: ignore[union-attr]
        stop = next(stop for stop in found.stops if stop.meter.pk == meter.pk)
        waiting = _find_waiting(meter)
        context = {
            "round": found, "page": _page(found), "stop": stop, "meter": meter, "form": form, "skips": SKIPS,
            "next": found.after(meter.pk), "waiting": waiting,
            "warning": tell_doubt(waiting.reason, waiting.last_value) if waiting and waiting.value is not None else "",
        }  # fmt: skip
        return render(request, "round/meter.html", context, status=status)


@requires("estates.read_meters")
def check_value(request: HttpRequest, pk: int) -> JsonResponse:
    """Say at once what is doubtful about a value; nothing is written."""
    meter = get_object_or_404(list_readable(request.user), pk=pk)
    form = ReadForm(request.GET)
    if not form.is_valid():
        return JsonResponse({"say": "", "use": ""})
    judged = judge_reading(meter=meter, on=timezone.localdate(), value=form.cleaned_data["value"])
    return JsonResponse({"say": _say(judged), "is_good": not judged.doubt})


def _say(judged: Judged) -> str:
    return tell_doubt(judged.doubt) if judged.doubt else _("Fits.")


def tell_doubt(doubt: str, last: Any = None) -> str:
    """Return what is doubtful about a value and what to do, in one sentence for the reader."""
    return {
        "lower": _("Lower than last time. Look again: is it the right meter, was it changed?"),
        "after": _("Higher than a later reading. Look again."),
        "jump": _("Far more than usual. Look again, and give the same value if it says so."),
        "zero": _("Nothing was used since last time. Is the meter stuck?"),
    }.get(doubt, "")


def _find_waiting(meter: Meter) -> ReadingCheck | None:
    today = timezone.localdate()
    return ReadingCheck.objects.filter(meter=meter, read_on=today, closed_at=None, reading=None).first()


def _get_round(request: HttpRequest, building: int) -> Round:
    found = get_round(request.user, building, timezone.localdate())
    if found is None:
        raise Http404
    return found


def _taken(request: HttpRequest, photo: Any = None) -> Taken:
    return Taken(request.user, timezone.now(), SOURCE, str(request.user)[:50], photo=photo)


def _page(found: Round) -> dict[str, Any]:
    """What the head of the phone page says."""
    building = _("Building %(building)s") % {"building": found.building.code}
    done = _("%(done)s of %(all)s read") % {
        "done": format_number(found.done), "all": format_number(len(found.stops))
    }  # fmt: skip
    return {"frame": {"community": str(found.building.community), "where": f"{building} · {done}"}}
