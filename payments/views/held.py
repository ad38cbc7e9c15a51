"""What an account has with us: prepayment and deposits; taking a deposit, and asking for money back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from billing.selectors.accounts import get_visible_account
from core.access import may, requires
from core.calendars import day_of
from core.staff import StaffView, telling_on, telling_refusals
from payments.forms import DepositForm, PayoutForm
from payments.models import Deposit, Payout
from payments.paper import render_deposit
from payments.selectors.deposits import list_deposits
from payments.selectors.payouts import list_payouts
from payments.selectors.prepayments import find_room, get_balance_of, list_purses, list_statement
from payments.services.deposits import DepositDraft, take_deposit
from payments.services.payouts import (
    PayoutDraft,
    approve_payout,
    open_payout,
    refuse_payout,
    withdraw_payout,
)
from users.acting import acting_user

MOST = 200
DEPOSIT_ID = "deposit_%s"
"""Ids of the fields of a deposit: the form of a payout on the same page has fields of the same names."""


@requires("payments.view")
class HeldView(StaffView):
    """The prepayment of an account with its statement, its deposits, and what was asked for."""

    title = gettext_lazy("Prepayment and deposits")
    template_name = "payments/held.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return what the account has with us."""
        account = get_visible_account(self.request.user, context.pop("pk"))
        purses = list_purses(account.pk)
        payouts = Payout.objects.filter(account=account).select_related(
            "requested_by", "decided_by", "deposit"
        )
        lead = f"{account.community} · {account.unit.label} · {account.payer.name}"
        user = self.request.user
        return super().get_context_data(
            account=account,
            purses=purses,
            prepaid=get_balance_of(account.pk),
            room=find_room(account, timezone.localdate()),
            statement=list_statement(account),
            deposits=list_deposits(user).filter(account=account),
            payouts=payouts,
            take_form=context.pop("take_form", None) or DepositForm(auto_id=DEPOSIT_ID),
            ask_form=context.pop("ask_form", None) or PayoutForm(account=account),
            may_take=may(user, "payments.take"),
            may_ask=may(user, "billing.correct"),
            **{**context, "lead": lead},
        )


@requires("payments.take")
class TakeDepositView(HeldView):
    """Taking a deposit: the page again, or its paper's row on it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the deposit."""
        account, form = get_visible_account(request.user, pk), DepositForm(request.POST, auto_id=DEPOSIT_ID)
        if form.is_valid():
            with telling_on(form):
                draft = DepositDraft(**form.cleaned_data)
                deposit = take_deposit(
                    account=account, draft=draft, by=acting_user(request), now=timezone.now()
                )
                messages.success(request, _("Taken. Receipt %(number)s.") % {"number": deposit.number})
                return redirect("payments:held", pk)
        return self.render_to_response(self.get_context_data(pk=pk, take_form=form), status=422)


@requires("billing.correct")
class AskPayoutView(HeldView):
    """Asking for money back, or to keep a part of a deposit."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Write the request down."""
        account = get_visible_account(request.user, pk)
        form = PayoutForm(request.POST, account=account)
        if form.is_valid():
            asked = form.cleaned_data
            draft = PayoutDraft(
                asked["kind"], asked["amount"], asked["reason"], asked["channel"], asked["reference"]
            )
            with telling_on(form):
                open_payout(
                    account=account,
                    draft=draft,
                    by=acting_user(request),
                    now=timezone.now(),
                    deposit=asked["deposit"],
                )
                messages.success(request, _("Asked for. Another person decides."))
                return redirect("payments:held", pk)
        return self.render_to_response(self.get_context_data(pk=pk, ask_form=form), status=422)


@requires("billing.correct")
class PayoutsView(StaffView):
    """The desk of payouts: what waits, and what was decided."""

    title = gettext_lazy("Refunds and deductions")
    lead = gettext_lazy("Prepayment and deposits: one person asks, another decides.")
    template_name = "payments/payouts.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the payouts, those that wait first."""
        user = acting_user(self.request)
        rows = list_payouts(user)
        return super().get_context_data(
            waiting=rows.waiting()[:MOST],
            decided=rows.decided()[:MOST],
            me=user,
            may_approve=may(user, "billing.approve"),
            **context,
        )


@requires("billing.approve")
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a payout and book it today."""
    payout, now = find_payout(request, pk), timezone.now()
    with telling_refusals(request, _("Approved and booked.")):
        approve_payout(payout=payout, by=acting_user(request), day=day_of(now), now=now)
    return redirect("payments:payouts")


@requires("billing.approve")
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a payout, with a reason."""
    payout, note = find_payout(request, pk), request.POST.get("note", "")[:200]
    with telling_refusals(request, _("Refused. Nothing has changed.")):
        refuse_payout(payout=payout, by=acting_user(request), now=timezone.now(), note=note)
    return redirect("payments:payouts")


@requires("billing.correct")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one's own request back."""
    payout = find_payout(request, pk)
    with telling_refusals(request, _("Withdrawn. Nothing has changed.")):
        withdraw_payout(payout=payout, by=acting_user(request), now=timezone.now())
    return redirect("payments:payouts")


def find_payout(request: HttpRequest, pk: int) -> Payout:
    """The payout, when the person may see it; else 404."""
    payout: Payout = get_object_or_404(list_payouts(request.user), pk=pk)
    return payout


@requires("payments.view")
def print_deposit(request: HttpRequest, pk: int) -> HttpResponse:
    """The receipt of a deposit as PDF."""
    rows = Deposit.objects.visible_to(request.user).select_related(
        "community", "account__unit__building", "account__payer"
    )
    deposit: Deposit = get_object_or_404(rows, pk=pk)
    paper = render_deposit(deposit, language=translation.get_language() or "zh-hans")
    headers = {
        "Content-Disposition": f'inline; filename="{deposit.number}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(paper, content_type="application/pdf", headers=headers)
