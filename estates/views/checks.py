"""The desk of readings to look at: each with its reason, its age and what may be done about it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.access import requires
from core.staff import StaffView, telling_on
from estates.acts import MOVE_FIELDS, MOVE_TITLES, ActForm
from estates.models import CheckOutcome, FaultKind, ReadingCheck
from estates.selectors.checks import list_checks
from estates.services.checks import Found, list_moves, settle_check

MOST_SHOWN = 300


@requires("estates.check_readings")
class ChecksView(StaffView):
    """What waits, the oldest first."""

    title = gettext_lazy("Readings to look at")
    lead = gettext_lazy("Nothing here is lost, and a value that is held back bills nothing until you decide.")
    template_name = "estates/checks.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the readings with their ages."""
        today, found = timezone.localdate(), list_checks(self.request.user)
        rows = [{"check": check, "age": (today - check.noticed_on).days} for check in found[:MOST_SHOWN]]
        return super().get_context_data(rows=rows, left=max(0, found.count() - MOST_SHOWN), **context)


@requires("estates.check_readings")
class CheckView(StaffView):
    """One reading to look at: what is known about it, and the moves."""

    title = gettext_lazy("A reading to look at")
    template_name = "estates/check.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the check and a form a move."""
        check = context.pop("check", None) or self._check(context.pop("pk"))
        given = context.pop("form", None) or ("", None)
        moves = [
            {
                "name": move,
                "title": MOVE_TITLES[move],
                "form": given[1] if given[0] == move else _form(move, check),
            }
            for move in (list_moves(check) if check.closed_at is None else ())
        ]
        lead = f"{check.meter.community} · {check.meter.unit.label if check.meter.unit else check.meter.code}"
        return super().get_context_data(
            check=check, moves=moves, opened=given[0], **{"lead": lead, **context}
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Make the move and go back to the list."""
        check = self._check(pk)
        move = request.POST.get("outcome", "")
        form = ActForm(MOVE_FIELDS.get(move, ()), request.POST, auto_id=f"id_{move}_%s")
        if move in MOVE_FIELDS and form.is_valid():
            with telling_on(form):
                settle_check(
                    check=check,
                    outcome=CheckOutcome(move),
                    found=_found(form),
                    by=request.user,
                    now=timezone.now(),
                )
                messages.success(request, _("Settled."))
                return redirect("estates:checks")
        return self.render_to_response(self.get_context_data(check=check, form=(move, form)), status=422)

    def _check(self, pk: int) -> ReadingCheck:
        rows = ReadingCheck.objects.visible_to(self.request.user).select_related(
            "meter__unit__building", "meter__community", "reading"
        )
        check: ReadingCheck = get_object_or_404(rows, pk=pk)
        return check


def _form(move: str, check: ReadingCheck) -> ActForm:
    return ActForm(MOVE_FIELDS[move], initial={"on": check.read_on}, auto_id=f"id_{move}_%s")


def _found(form: ActForm) -> Found:
    given = form.cleaned_data
    fault = given.get("fault")
    return Found(
        value=given.get("value") if "value" in given else given.get("guess"),
        on=given.get("on"),
        old_closing=given.get("old_closing"),
        new_opening=given.get("new_opening"),
        multiplier=given.get("multiplier"),
        fault=FaultKind(fault) if fault else None,
        note=given.get("note") or given.get("source") or given.get("reason") or "",
    )
