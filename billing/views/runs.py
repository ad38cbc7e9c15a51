"""The runs desk: start a month, watch it, read what it found, approve it, issue it, print it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from billing import tasks
from billing.forms.runs import StartRunForm
from billing.models import Bill, BillRun, RunState
from billing.pages.runs import planned_rows, progress_part, run_page
from billing.paper.bills import render_bills
from billing.selectors.runs import list_runs
from billing.selectors.schedules import list_planned_runs
from billing.services.printing import note_printed
from billing.services.run import discard_run, issue_buildings, recall_run, review_run, start_run
from billing.services.run.sampling import NoReasonGivenError
from billing.services.run.scheduling import pause_runs, resume_runs
from core.access import may, requires
from core.figures import format_period
from core.periods import Period
from core.staff import StaffView, telling_on, telling_refusals
from estates.selectors import get_visible_community
from users.acting import acting_user


def find_run(request: HttpRequest, pk: int) -> BillRun:
    """The run, when the person may see it; else 404."""
    run: BillRun = get_object_or_404(
        BillRun.objects.visible_to(request.user).select_related("community"), pk=pk
    )
    return run


@requires("billing.view")
class RunsView(StaffView):
    """The runs so far; who may bill starts the next one here."""

    title = gettext_lazy("Billing runs")
    lead = gettext_lazy(
        "A run bills one month of a community: first as drafts, then reviewed, approved and issued."
    )
    template_name = "billing/runs.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the runs in scope, and when the next ones come by themselves."""
        user, today = self.request.user, timezone.localdate()
        return super().get_context_data(
            runs=list_runs(user)[:60],
            planned=planned_rows(list_planned_runs(user, today), today),
            may_start=may(user, "billing.run"),
            may_pause=may(user, "billing.issue"),
            **context,
        )


@requires("billing.issue")
@require_POST
def pause_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """Pause the schedule of a community until it is resumed."""
    community = get_visible_community(request.user, code)
    pause_runs(community=community, day=timezone.localdate(), by=acting_user(request))
    messages.success(request, _("Paused. A month that passes meanwhile is billed by hand."))
    return redirect("billing:runs")


@requires("billing.issue")
@require_POST
def resume_schedule(request: HttpRequest, code: str) -> HttpResponse:
    """Let the months of a community be billed by themselves again."""
    community = get_visible_community(request.user, code)
    resume_runs(community=community, day=timezone.localdate(), by=acting_user(request))
    messages.success(request, _("The months are billed by themselves again."))
    return redirect("billing:runs")


@requires("billing.run")
class StartRunView(StaffView):
    """Choose community and month; the drafts are written by workers while the next page shows how far they are."""

    title = gettext_lazy("Bill a month")
    template_name = "billing/start_run.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the form."""
        form = context.pop("form", None) or StartRunForm(
            user=self.request.user, initial={"period": f"{timezone.localdate():%Y-%m}"}
        )
        return super().get_context_data(form=form, **context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open the run and send its chunks to the workers."""
        form = StartRunForm(request.POST, user=request.user)
        if form.is_valid():
            with telling_on(form, "period"):
                run = start_run(**form.cleaned_data, now=timezone.now(), by=acting_user(request), issue=False)
                tasks.send_chunks(run.pk)
                return redirect("billing:run", run.pk)
        return self.render_to_response(self.get_context_data(form=form), status=422)


@requires("billing.view")
class RunView(StaffView):
    """One run: how far it is, why it differs from the month before, who stands out, what was parked and why."""

    template_name = "billing/run.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return everything a reviewer reads."""
        run = find_run(self.request, context.pop("pk"))
        period = format_period(Period(run.period_start, run.period_end))
        page = super().get_context_data(**run_page(run, self.request.user, timezone.now()), **context)
        return {**page, "title": f"{run.community.name} · {period}"}


@requires("billing.view")
def show_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the run's page that asks again while the run is under way; a finished one reloads the page."""
    page = progress_part(find_run(request, pk))
    response = render(request, "billing/_progress.html", page)
    if not page["is_running"]:
        response.headers["HX-Refresh"] = "true"
    return response


RunAct = Callable[[HttpRequest, BillRun], str]


def run_act(act: RunAct) -> Callable[[HttpRequest, int], HttpResponse]:
    """Turn an act on a run into a view that does it once, says so, and goes back to the run's page."""

    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        run = find_run(request, pk)
        with telling_refusals(request):
            messages.success(request, act(request, run))
        left = BillRun.objects.filter(pk=pk).exists()
        return redirect("billing:run", pk) if left else redirect("billing:runs")

    return view


@requires("billing.run")
@run_act
def resume(request: HttpRequest, run: BillRun) -> str:
    """Bill again whoever was parked or came late; what exists stays."""
    period = Period(run.period_start, run.period_end)
    issue = run.state != RunState.DRAFT
    run = start_run(
        community=run.community, period=period, now=timezone.now(), by=acting_user(request), issue=issue
    )
    tasks.send_chunks(run.pk)
    return _("Accounts without a bill are being computed again.")


@requires("billing.review")
@run_act
def review(request: HttpRequest, run: BillRun) -> str:
    """Approve the drafts."""
    review_run(run=run, by=acting_user(request))
    return _("Approved. The bills can be issued now.")


@requires("billing.issue")
@run_act
def issue(request: HttpRequest, run: BillRun) -> str:
    """Have the approved drafts issued by workers."""
    tasks.issue_reviewed_run.delay(run.pk, timezone.localdate().isoformat(), str(acting_user(request)))
    return _("The bills are being issued. Payers are notified as soon as they are issued.")


@requires("billing.issue")
@run_act
def issue_some(request: HttpRequest, run: BillRun) -> str:
    """Issue the drafts of the buildings that were ticked; the others stay drafts."""
    chosen = [int(number) for number in request.POST.getlist("building") if number.isdigit()]
    count = issue_buildings(run=run, building_ids=chosen, day=timezone.localdate(), by=acting_user(request))
    return ngettext("%(count)s bill issued.", "%(count)s bills issued.", count) % {"count": count}


@requires("billing.issue")
@run_act
def recall(request: HttpRequest, run: BillRun) -> str:
    """Take the whole run back, while nobody has been told and nothing is paid."""
    reason = request.POST.get("reason", "").strip()
    if not reason:
        raise NoReasonGivenError(_("Write why the run is recalled."))
    recall_run(run=run, reason=reason, day=timezone.localdate(), by=acting_user(request))
    return _("The run is recalled. Correct what was wrong, then bill the month again.")


@requires("billing.run")
@run_act
def discard(request: HttpRequest, run: BillRun) -> str:
    """Throw a draft run away, so that the month can be billed from better facts."""
    discard_run(run=run, by=acting_user(request))
    return _("The drafts are deleted; the month can be billed again.")


@requires("billing.view")
def print_building(request: HttpRequest, pk: int, building_id: int) -> HttpResponse:
    """One PDF of a building's issued bills in walking order; building 0 holds the units that stand in none."""
    run = find_run(request, pk)
    bills = Bill.objects.filter(run=run, account__unit__building=building_id or None)
    now = timezone.now()
    content = render_bills(bills, now=now, language=translation.get_language() or "zh-hans")
    note_printed(bills=bills, by=acting_user(request))
    return as_pdf(content, f"bills-{run.period_start:%Y-%m}-{building_id}")


def as_pdf(content: bytes, name: str) -> HttpResponse:
    """Answer with a PDF that the browser shows."""
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
