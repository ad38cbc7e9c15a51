"""Corrections: asked for from a bill's page, decided on the desk by another person, read by both in figures."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.forms.corrections import CorrectionForm
from billing.models import Bill, CorrectionRequest, RequestKind
from billing.selectors.requests import (
    foresee,
    get_limits,
    list_effects,
    list_requests,
    list_roles,
    may_decide,
)
from billing.services.attachments import keep_attachment, read_attachment
from billing.services.requests import (
    Wish,
    approve_request,
    open_request,
    refuse_request,
    withdraw_request,
)
from billing.views.bills import find_bill
from core.access import may, requires
from core.calendars import day_of
from core.staff import StaffView, telling_on, telling_refusals
from users.acting import acting_user

MOST = 200


@requires("billing.correct")
class RequestsView(StaffView):
    """The desk: what waits for a decision, what one has asked for, and what was decided."""

    title = gettext_lazy("Waivers and corrections")
    lead = gettext_lazy("One person asks, another decides. Ask from the page of a bill.")
    template_name = "billing/requests.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the requests of the chosen tab."""
        user = acting_user(self.request)
        rows = list_requests(user)
        tabs = {
            "waiting": rows.waiting().exclude(requested_by=user),
            "mine": rows.filter(requested_by=user),
            "decided": rows.decided(),
        }
        tab = self.request.GET.get("tab", "waiting")
        tab = tab if tab in tabs else "waiting"
        return super().get_context_data(rows=tabs[tab][:MOST], tab=tab, **context)


@requires("billing.correct")
class AskView(StaffView):
    """What should change on a bill, by how much, and why."""

    title = gettext_lazy("Ask for a correction")
    template_name = "billing/ask.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the bill and the form."""
        bill = context.pop("bill", None) or find_bill(self.request, context.pop("number"))
        form = context.pop("form", None) or self._form(bill)
        lead = f"{bill.account.unit.label} · {bill.number}"
        return super().get_context_data(bill=bill, form=form, **{"lead": lead, **context})

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Write the request down and show what it would do."""
        bill = find_bill(request, number)
        form = self._form(bill, request.POST, request.FILES)
        if form.is_valid():
            with telling_on(form):
                made = open_request(bill=bill, wish=_wish(form), by=acting_user(request), now=timezone.now())
                return redirect("billing:request", made.pk)
        return self.render_to_response(self.get_context_data(bill=bill, form=form), status=422)

    def _form(self, bill: Bill, *sent: Any) -> CorrectionForm:
        kind = self.request.GET.get("kind", RequestKind.WAIVER)
        outlook = foresee(bill, RequestKind.RECOVERY, {})
        return CorrectionForm(*sent, outlook=outlook, initial={"kind": kind})


def _wish(form: CorrectionForm) -> Wish:
    sent = form.cleaned_data["attachment"]
    attachment = keep_attachment(sent.read(), file_name=sent.name) if sent else None
    kind = RequestKind(form.cleaned_data["kind"])
    return Wish(kind, form.cleaned_data["reason"], form.parts, attachment)


@requires("billing.correct")
class RequestView(StaffView):
    """One request: what it would do, or did, in figures, and the decision."""

    template_name = "billing/request.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the request, its figures and what this person may do about it."""
        user, request = acting_user(self.request), find_request(self.request, context.pop("pk"))
        parts = dict(request.parts.values_list("line", "amount"))
        reductions, bills = list_effects(request)
        is_mine = request.requested_by_id == user.pk
        page = super().get_context_data(
            asked=request,
            outlook=foresee(request.bill, RequestKind(request.kind), parts) if request.is_waiting else None,
            reductions=reductions,
            bills=bills,
            may_decide=may(user, "billing.approve") and may_decide(user, request),
            may_withdraw=request.is_waiting and is_mine,
            why_not=_why_not(user, request) if request.is_waiting else "",
            **context,
        )
        lead = f"{request.bill.account.unit.label} · {request.bill.number}"
        return {**page, "title": request.get_kind_display(), "lead": lead}


def _why_not(user: Any, request: CorrectionRequest) -> str:
    """Say why this person cannot decide the request, where it is not plain."""
    if request.requested_by_id == user.pk:
        return _("You asked for this, so somebody else decides.")
    if not may(user, "billing.approve"):
        return _("Your role does not decide about corrections.")
    if not may_decide(user, request):
        limits = get_limits(request.community)
        own = [limits[role] for role in list_roles(user, request.community) if role in limits]
        most = max((limit for limit in own if limit is not None), default=0)
        return _(
            "This is more than you may approve (%(limit)s yuan). Somebody with a higher limit decides."
        ) % {"limit": f"{most:,.2f}"}
    return ""


def find_request(request: HttpRequest, pk: int) -> CorrectionRequest:
    """The request, when the person may see it; else 404."""
    rows = list_requests(acting_user(request))
    found: CorrectionRequest = get_object_or_404(rows.select_related("bill__community"), pk=pk)
    return found


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a request and do what it asks for, today."""
    asked, by, now, note = find_request(request, pk), acting_user(request), timezone.now(), _note(request)
    with telling_refusals(request, _("Approved and booked.")):
        approve_request(request=asked, by=by, day=day_of(now), now=now, note=note)
    return redirect("billing:request", pk)


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a request, with a reason."""
    asked, by, now, note = find_request(request, pk), acting_user(request), timezone.now(), _note(request)
    with telling_refusals(request, _("Refused. Nothing has changed.")):
        refuse_request(request=asked, by=by, now=now, note=note)
    return redirect("billing:request", pk)


@requires("billing.correct")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    asked, by = find_request(request, pk), acting_user(request)
    with telling_refusals(request, _("Withdrawn. Nothing has changed.")):
        withdraw_request(request=asked, by=by, now=timezone.now())
    return redirect("billing:request", pk)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "")[:200]


@requires("billing.correct")
def show_attachment(request: HttpRequest, pk: int) -> HttpResponse:
    """The file that was attached, to be saved rather than opened in our pages."""
    asked = find_request(request, pk)
    if not asked.attachment:
        raise Http404
    data, content_type = read_attachment(asked.attachment)
    answer = HttpResponse(data, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="request-{asked.pk}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
