"""The cash desk: find an account, take its money, hand out its receipt; and the exceptions desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing.explaining.discounts import tell_offer
from billing.selectors.accounts import get_visible_account
from billing.selectors.discounts import list_offers
from core.access import requires
from core.calendars import day_of
from core.staff import StaffView, telling_on
from payments.forms import SettleForm, TakeForm
from payments.models import PaymentException, Receipt
from payments.selectors.desk import DeskAccount, find_accounts, get_desk_account, next_move
from payments.selectors.receipts import list_bill_shares, prepaid_by, tell_order
from payments.services.cash_desk import book_exception, take_cash
from payments.services.doubts import close_exception
from payments.services.requests import find_outcome, once
from users.acting import acting_user


@requires("payments.take")
class DeskView(StaffView):
    """Who is standing there? By unit, name, phone or bill number."""

    title = _("Cash desk")
    lead = _("Find the unit, take the money, hand over the receipt.")
    template_name = "payments/desk.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the accounts found, and the newest receipts of this desk."""
        user = acting_user(self.request)
        words = self.request.GET.get("q", "")
        newest = Receipt.objects.visible_to(user).filter(taken_by=user.get_username())
        return super().get_context_data(
            words=words,
            accounts=find_accounts(user, words),
            receipts=newest.select_related("account__unit__building").order_by("-pk")[:10],
            **context,
        )


@requires("payments.take")
class TakeView(StaffView):
    """What the account owes, and taking money for it."""

    title = _("Take a payment")
    template_name = "payments/take.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the account with its open bills, and the form."""
        account = get_visible_account(self.request.user, context.pop("pk"))
        desk = get_desk_account(account)
        initial = {"amount": desk.outstanding or None}
        form = context.pop("form", None) or _take_form(desk, timezone.localdate(), initial=initial)
        key = self.request.POST.get("key") or f"desk-{timezone.now().timestamp()}"
        lead = f"{account.community} · {account.unit.label} · {account.payer.name}"
        return super().get_context_data(desk=desk, form=form, key=key, **{**context, "lead": lead})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take the money once, however often the button is pressed, and show the receipt."""
        asked = _name_request(request)
        if before := find_outcome(**asked):
            return redirect("payments:receipt", before["receipt"])
        user, now = acting_user(request), timezone.now()
        account = get_visible_account(user, pk)
        form = _take_form(get_desk_account(account), day_of(now), request.POST)
        if form.is_valid():
            wish: dict[str, Any] = {name: form.cleaned_data.get(name) for name in WISHES}

            def take() -> dict[str, Any]:
                return {
                    "receipt": take_cash(account=account, chosen=form.chosen, by=user, now=now, **wish).pk
                }

            with telling_on(form):
                return redirect("payments:receipt", once(**asked, now=now, deed=take)["receipt"])
        return self.render_to_response(self.get_context_data(pk=pk, form=form), status=422)


@requires("payments.view")
class ReceiptView(StaffView):
    """One receipt: what came in, where it went, and its paper."""

    title = _("Receipt")
    template_name = "payments/receipt.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the receipt and its bills."""
        rows = Receipt.objects.visible_to(self.request.user).select_related(
            "community", "account__unit__building", "account__payer"
        )
        receipt: Receipt = get_object_or_404(rows, pk=context.pop("pk"))
        return super().get_context_data(
            receipt=receipt,
            shares=list_bill_shares(receipt),
            prepaid=prepaid_by(receipt),
            order=tell_order(receipt),
            **{**context, "lead": f"{receipt.community} · {receipt.number}"},
        )


@requires("payments.settle")
class SettleExceptionView(StaffView):
    """One thing on the exceptions desk, and how it ended."""

    title = _("Payment exception")
    template_name = "payments/settle.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the exception, its next move and the form."""
        exception = self._exception(context.pop("pk"))
        form = context.pop("form", None) or self._form(exception, None)
        return super().get_context_data(
            exception=exception,
            move=next_move(exception),
            form=form,
            **{**context, "lead": f"{exception.community} · {exception.get_kind_display()}"},
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Settle it, with its money as prepayment of the unit that was named."""
        exception, by, now = self._exception(pk), acting_user(request), timezone.now()
        form = self._form(exception, request.POST)
        if form.is_valid():
            account, outcome = form.cleaned_data["unit"], form.cleaned_data["outcome"]
            with telling_on(form):
                if account:
                    book_exception(exception=exception, account=account, by=by, now=now, outcome=outcome)
                else:
                    close_exception(exception_id=exception.pk, by=by, now=now, outcome=outcome)
                return redirect("admin:payments_paymentexception_changelist")
        return self.render_to_response(self.get_context_data(pk=pk, form=form), status=422)

    def _exception(self, pk: int) -> PaymentException:
        rows = PaymentException.objects.visible_to(self.request.user)
        exception: PaymentException = get_object_or_404(rows.select_related("community", "intent"), pk=pk)
        return exception

    def _form(self, exception: PaymentException, sent: Any) -> SettleForm:
        user = acting_user(self.request)
        return SettleForm(sent, user=user, community_id=exception.community_id)


WISHES = ("amount", "channel", "tendered", "reference", "meant_for")


def _take_form(desk: DeskAccount, today: date, *sent: Any, **options: Any) -> TakeForm:
    """The form of the desk with the lines that are open and the discounts for paying ahead."""
    offers = [(offer.fee_item_id, tell_offer(offer)) for offer in list_offers(desk.account, today)]
    lines = [line for bill in desk.bills for line in bill.lines]
    return TakeForm(*sent, open_lines=lines, offers=offers, **options)


def _name_request(request: HttpRequest) -> dict[str, Any]:
    """Return who asks for what under which key, without the token that changes with every page."""
    sent = request.POST.copy()
    sent.pop("csrfmiddlewaretoken", None)
    return {
        "asker": f"user:{acting_user(request).pk}",
        "key": request.POST.get("key", ""),
        "path": request.path,
        "body": sent.urlencode().encode(),
    }
