"""Changes of units: asked for one by one or by file, decided by a second person, and the transfer on paper."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.forms.changes import ChangeForm
from billing.holdings import list_holdings
from billing.models import UnitChange
from billing.models.changes import ChangeKind
from billing.pages.tariffs import tariff_steps
from billing.paper.bills import render_hand_over
from billing.selectors.hand_over import list_effects_of_change
from billing.selectors.requests import list_changes
from billing.services.changes import (
    approve_change,
    foresee_change,
    preview_changes,
    refuse_change,
    request_change,
)
from billing.services.changes.importing import request_changes
from billing.views.runs import as_pdf
from core.access import may, requires
from core.errors import DomainError
from core.figures import format_amount
from core.staff import StaffView, telling_refusals
from estates.intake import FilePreviewView, FileUploadView, SentFile
from estates.pages import roster_tiles
from estates.selectors import find_visible_unit
from users.acting import acting_user

MOST = 200


def find_change(request: HttpRequest, pk: int) -> UnitChange:
    """The change, when the person may see it; else 404."""
    change: UnitChange = get_object_or_404(list_changes(acting_user(request)), pk=pk)
    return change


@requires("billing.correct")
class ChangesView(StaffView):
    """What waits for a second person, and what was decided."""

    title = gettext_lazy("Changes of units")
    lead = gettext_lazy("New owners, measured areas, vacancies, pauses: one person asks, another decides.")
    template_name = "billing/changes.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the changes of the chosen tab."""
        rows = list_changes(acting_user(self.request))
        is_waiting = self.request.GET.get("tab") != "decided"
        chosen = rows.waiting() if is_waiting else rows.decided()
        return super().get_context_data(
            rows=chosen[:MOST],
            is_waiting=is_waiting,
            may_import=may(self.request.user, "estates.import"),
            **context,
        )


@requires("billing.correct")
class AskChangeView(StaffView):
    """One change of one unit."""

    title = gettext_lazy("Ask for a change")
    template_name = "billing/ask_change.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form."""
        form = context.pop("form", None) or ChangeForm(user=self.request.user, initial=self._initial())
        return super().get_context_data(form=form, **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let the change wait for a second person."""
        form = ChangeForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        change = request_change(change=form.instance, by=acting_user(request), now=timezone.now())
        return redirect("billing:change", change.pk)

    def _initial(self) -> dict[str, Any]:
        """The unit and the kind that the address names."""
        unit = find_visible_unit(self.request.user, self.request.GET.get("unit", ""))
        return {"kind": self.request.GET.get("kind"), "unit_code": unit and unit.code}


@requires("billing.correct")
class ChangeView(StaffView):
    """One change: what is asked, what it did, and the buttons of the second person."""

    template_name = "billing/change.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the change and what may be done with it."""
        change = find_change(self.request, context.pop("pk"))
        user = acting_user(self.request)
        is_own = change.requested_by == str(user)
        return super().get_context_data(
            change=change,
            **self._foresee(change),
            effects=list_effects_of_change(change),
            may_decide=change.is_waiting and not is_own and may(user, "billing.approve"),
            waits_for_another=change.is_waiting and is_own,
            has_statement=change.is_made_transfer,
            holdings=list_holdings(change) if change.is_made_transfer else [],
            **context,
        ) | {"title": f"{change.unit.label} · {ChangeKind(change.kind).label}"}

    def _foresee(self, change: UnitChange) -> dict[str, Any]:
        """Return what a waiting change would do to bills, or why it cannot be made."""
        if not change.is_waiting:
            return {}
        try:
            expected = foresee_change(change=change, now=timezone.now())
            return {"expected": expected, "expected_total": sum(row.amount for row in expected)}
        except DomainError as error:
            return {"stands_against": str(error)}


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree: the change is made, and days that were billed are put right."""
    change = find_change(request, pk)
    with telling_refusals(request):
        made = approve_change(change=change, by=acting_user(request), now=timezone.now())
        messages.success(request, tell_made(made.difference))
    return redirect("billing:change", pk)


def tell_made(difference: Decimal) -> str:
    """Say that a change is made, and what it did to bills of days gone by when it did anything."""
    if not difference:
        return _("The change is made.")
    told = _("The change is made. Past bills changed by %(amount)s yuan in all.")
    return told % {"amount": format_amount(difference)}


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Say no: nothing happens to the unit."""
    change = find_change(request, pk)
    with telling_refusals(request, _("The change was refused.")):
        refuse_change(change=change, by=acting_user(request), now=timezone.now())
    return redirect("billing:change", pk)


@requires("billing.correct")
def show_statement(request: HttpRequest, pk: int) -> HttpResponse:
    """The hand-over statement for seller and buyer, as PDF."""
    change = find_change(request, pk)
    if not change.is_made_transfer:
        raise Http404
    language = translation.get_language() or "zh-hans"
    return as_pdf(
        render_hand_over(change, now=timezone.now(), language=language), f"{change.unit.code}-{change.pk}"
    )


@requires("estates.import")
class ChangeUploadView(FileUploadView):
    """Step 1: choose a file."""

    title = gettext_lazy("Changes by file")
    template_name = "billing/change_upload.html"
    preview_route = "billing:change_preview"
    steps = staticmethod(tariff_steps)

    def look(self, sent: SentFile) -> object:
        """Read the changes."""
        return preview_changes(
            community=sent.community, file=sent.file, by=acting_user(self.request), now=timezone.now()
        )


@requires("estates.import")
class ChangePreviewView(FilePreviewView):
    """Step 2: what the changes would do, then one button that asks for them."""

    title = gettext_lazy("Check before you ask")
    template_name = "billing/change_preview.html"
    upload_route = "billing:change_upload"
    steps = staticmethod(tariff_steps)

    def preview(self, sent: SentFile) -> dict[str, Any]:
        """Return the rows by what would become of them."""
        outcome = preview_changes(
            community=sent.community, file=sent.file, by=acting_user(self.request), now=timezone.now()
        )
        rows = [
            {
                "change": row.change,
                "kind": ChangeKind(row.change.kind).label,
                "difference": row.made.difference,
            }
            for row in outcome.rows
        ]
        problems = sorted(outcome.problems, key=lambda problem: not problem.blocks)
        return {
            "tiles": roster_tiles(outcome.counts),
            "rows": rows,
            "problems": problems,
            "is_idle": not rows,
        }

    def take_in(self, sent: SentFile) -> HttpResponse:
        """Let the good rows wait for a second person."""
        changes = request_changes(
            community=sent.community, file=sent.file, by=acting_user(self.request), now=timezone.now()
        )
        messages.success(
            self.request, _("%(count)s changes wait for a second person.") % {"count": len(changes)}
        )
        return redirect("billing:changes")
