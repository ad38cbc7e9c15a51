"""The late fee at the desk: where it rests, what of it is charged by hand, and the rates courts look at."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from billing.domain.court_view import LPR
from billing.forms.late_fees import EndPauseForm, LendingRateForm, WithdrawPauseForm
from billing.models import Bill, BillState, LendingRate
from billing.pages.late_fees import late_fee_card
from billing.selectors.late_fee_policies import get_lending_rates
from billing.selectors.pauses import list_pauses, running_on
from billing.services.late_fee_bills import charge_late_fees
from billing.services.late_fees import end_pause, withdraw_pause
from billing.services.lending_rates import record_lending_rate
from billing.views.bills import find_bill
from core.access import may, requires
from core.calendars import day_of
from core.staff import StaffView, telling_on, telling_refusals
from users.acting import acting_user

MOST = 200


# Pauses -------------------------------------------------------------------------------------------------


@requires("billing.view")
class PausesView(StaffView):
    """Where late fee rests, of all accounts or of one: what rests now, and what is over or was taken back."""

    title = gettext_lazy("Pauses of late fee")
    lead = gettext_lazy("A late fee does not grow on these days. One person asks, another approves.")
    template_name = "billing/pauses.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the pauses of the chosen tab."""
        rows, running = list_pauses(self.request.user), running_on(timezone.localdate())
        account = self.request.GET.get("account", "")
        if account.isdecimal():
            rows = rows.filter(Q(account=account) | Q(line__bill__account=account))
        is_running = self.request.GET.get("tab") != "over"
        chosen = rows.filter(running) if is_running else rows.exclude(running)
        return super().get_context_data(rows=chosen[:MOST], is_running=is_running, account=account, **context)


@requires("billing.view")
class PauseView(StaffView):
    """One pause: whose, why, from which deed, and for those who may approve, its end."""

    template_name = "billing/pause.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the pause and the forms that fit."""
        pause = context.pop("pause", None) or get_object_or_404(
            list_pauses(self.request.user), pk=context.pop("pk")
        )
        account = pause.account or pause.line.bill.account
        may_change = pause.withdrawn_on is None and may(self.request.user, "billing.approve")
        may_end = may_change and pause.last_day is None and pause.cause != "judgment"
        page = super().get_context_data(
            pause=pause,
            account=account,
            end_form=(context.pop("end_form", None) or EndPauseForm(pause=pause)) if may_end else None,
            withdraw_form=WithdrawPauseForm(label_suffix="") if may_change else None,
            **context,
        )
        return page | {"title": f"{account.unit.label} · {_('Pause of late fee')}"}

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a running pause its last day."""
        if not may(request.user, "billing.approve"):
            raise PermissionDenied
        pause = get_object_or_404(list_pauses(request.user), pk=pk)
        form = EndPauseForm(request.POST, pause=pause)
        if form.is_valid():
            with telling_on(form):
                end_pause(pause=pause, last_day=form.cleaned_data["last_day"], by=acting_user(request))
                messages.success(request, _("The pause has a last day now."))
                return redirect("billing:pause", pk)
        return self.render_to_response(self.get_context_data(pause=pause, end_form=form), status=422)


@requires("billing.approve")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a pause back as if it had never been, with the reason."""
    pause = get_object_or_404(list_pauses(request.user), pk=pk)
    form = WithdrawPauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why it was wrong."))
        return redirect("billing:pause", pk)
    with telling_refusals(request, _("Taken back: the late fee accrues on these days too.")):
        withdraw_pause(
            pause=pause, day=timezone.localdate(), reason=form.cleaned_data["reason"], by=acting_user(request)
        )
    return redirect("billing:pause", pk)


# Charging by hand ---------------------------------------------------------------------------------------


@requires("billing.approve")
class ChargeLateFeeView(StaffView):
    """The late fee of one bill beside what a court would likely grant; one button charges it today."""

    title = gettext_lazy("Charge the late fee")
    template_name = "billing/charge_late_fee.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the bill and what has grown on it."""
        bill = context.pop("bill", None) or find_bill(self.request, context.pop("number"))
        lead = f"{bill.account.unit.label} · {bill.number}"
        card = late_fee_card(bill.pk, timezone.localdate())
        has_one = Bill.objects.filter(
            account=bill.account_id, schedule="late_fee", period_start=timezone.localdate()
        ).exclude(state=BillState.VOID)
        return super().get_context_data(
            bill=bill,
            late_fee=card,
            is_done_today=has_one.exists(),
            may_charge=bool(card and card.open > 0) and not has_one.exists(),
            **{**context, "lead": lead},
        )

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        """Charge the late fee accrued up to and including today on a bill of its own, due today."""
        bill, now = find_bill(request, number), timezone.now()
        charged = charge_late_fees(
            account_ids=[bill.account_id],
            as_of=day_of(now),
            now=now,
            by=acting_user(request),
            line_ids=list(bill.lines.values_list("pk", flat=True)),
        )
        if charged.lines:
            told = ngettext(
                "%(total)s yuan are charged, %(count)s line.",
                "%(total)s yuan are charged, %(count)s lines.",
                charged.lines,
            )
            messages.success(request, told % {"total": charged.total, "count": charged.lines})
        else:
            messages.warning(request, _("Nothing was charged: no late fee has accrued since the last time."))
        return redirect("billing:bill", number)


# The loan prime rate ------------------------------------------------------------------------------------


@requires("settings.view")
class LendingRatesView(StaffView):
    """The one-year loan prime rate by the day it was published; the newest holds. New ones are entered here."""

    title = gettext_lazy("Loan prime rate (LPR)")
    lead = gettext_lazy("The court view of a late fee takes 1.3 × this rate as the yardstick.")
    template_name = "billing/lending_rates.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the rates, newest first: those that came with the software, and those entered here."""
        entered = {rate.day: rate for rate in LendingRate.objects.all()}
        rates = get_lending_rates()
        rows = [
            {"day": day, "percent": percent, "entered": entered.get(day), "is_bundled": day in LPR}
            for day, percent in zip(rates.days, rates.percents, strict=True)
        ]
        form = context.pop("form", None) or LendingRateForm(label_suffix="")
        may_change = may(self.request.user, "settings.change")
        return super().get_context_data(
            rows=rows[::-1],
            form=form if may_change else None,
            today=rates.on(timezone.localdate()),
            **context,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write a published rate down."""
        if not may(request.user, "settings.change"):
            raise PermissionDenied
        form = LendingRateForm(request.POST, label_suffix="")
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        record_lending_rate(**form.cleaned_data, by=acting_user(request))
        messages.success(request, _("Recorded."))
        return redirect("billing:lending_rates")
