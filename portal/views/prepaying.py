"""The owner's prepayment: what is there, what became of it, and paying in."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from core.errors import DomainError
from payments.services.intents import PaymentInProgressError
from payments.services.starting import start_payment
from payments.services.top_ups import OddAmountError, TopUp, create_top_up
from portal.doors import SeeOther
from portal.readers import Owner, is_elder
from portal.selectors.prepaying import list_accounts, prepayment_page
from portal.views.paying import place_of
from users.acting import acting_user


def _reader(request: HttpRequest) -> Owner:
    return Owner(acting_user(request), timezone.now(), is_elder(request))


@never_cache
def show_prepayment(request: HttpRequest) -> HttpResponse:
    """Balance and statement of every account, and the form that pays in."""
    page = prepayment_page(_reader(request), amount=request.GET.get("amount", "")[:20])
    return render(request, "portal/prepayment.html", {"page": page})


@require_POST
def start_top_up(request: HttpRequest) -> HttpResponse:
    """Note the top-up and send it to the platform; its page leads on to the wallet, as with a bill."""
    reader = _reader(request)
    try:
        number = _start(request, reader)
    except PaymentInProgressError as error:
        return SeeOther(reader.url("payment", error.intent.number))
    except DomainError as error:
        page = prepayment_page(reader, amount=request.POST.get("amount", "")[:20], error=str(error))
        return render(request, "portal/prepayment.html", {"page": page}, status=error.status)
    return SeeOther(reader.url("payment", number))


def _start(request: HttpRequest, reader: Owner) -> str:
    """Note the top-up and send it; return its order number."""
    account = get_object_or_404(list_accounts(reader), pk=_read_number(request.POST.get("account", "")))
    gateway = request.POST.get("method", "")
    meant_for = _read_number(request.POST.get("item", "")) or None
    wish = TopUp(account.pk, _read_amount(request.POST.get("amount", "")), meant_for)
    intent = create_top_up(wish=wish, gateway=gateway, now=reader.now, payer=account.payer)
    start_payment(intent_id=intent.pk, place=place_of(request, reader, intent.number), now=reader.now)
    return intent.number


def _read_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _read_amount(text: str) -> Decimal:
    """Return yuan as typed. Raises OddAmountError."""
    try:
        amount = Decimal(text.strip().replace(",", ""))
    except InvalidOperation as error:
        raise OddAmountError() from error
    if not amount.is_finite():
        raise OddAmountError()
    return amount
