"""Choosing, paying, and asking how a payment stands."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from core.errors import DomainError
from payments.gateways.interface import Scene
from payments.services.intents import PaymentInProgressError, create_intent
from payments.services.starting import PayerPlace, give_up, start_payment
from portal.doors import SeeOther, for_reader
from portal.readers import Reader
from portal.selectors.paying import choose_page, find_intent, pay_page, payment_page, retry_url
from portal.selectors.wishes import (
    NothingOpenError,
    UnclearWishError,
    read_amounts,
    read_wish,
    wish_again,
)
from portal.services import ask_platform

PHONES = ("Mobile", "Android", "iPhone", "HarmonyOS")
NO_NEWS = 204


@for_reader
def choose_lines(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Tick what to pay, over all bills and units."""
    try:
        page = choose_page(reader, request.GET)
    except NothingOpenError:
        return HttpResponseRedirect(reader.url("home"))
    return render(request, "portal/choose.html", {"page": page})


@for_reader
def show_sum(request: HttpRequest, reader: Reader) -> HttpResponse:
    """The sum of what was chosen, and how to pay it; a choice that cannot be paid is shown again with the reason."""
    try:
        page = pay_page(reader, read_wish(reader, request.GET))
    except NothingOpenError:
        return HttpResponseRedirect(reader.url("home"))
    except UnclearWishError as error:
        choice = choose_page(reader, request.GET, str(error))
        return render(request, "portal/choose.html", {"page": choice}, status=error.status)
    return render(request, "portal/pay.html", {"page": page})


@for_reader
def start(request: HttpRequest, reader: Reader) -> HttpResponse:
    """Note the payment and send it to the platform; the page of the payment leads on to the wallet.

    A second press finds the first one's payment and shows how it stands; nobody is charged twice (P-10). We never
    redirect to the wallet ourselves: a form may only lead to our own pages (form-action in the content policy).
    """
    if request.method != "POST":
        return HttpResponseRedirect(reader.url("sum"))
    amounts = read_amounts(reader, request.POST)
    try:
        number = _start(request, reader, amounts)
    except PaymentInProgressError as error:
        if reader.intents().filter(pk=error.intent.pk).exists():
            return SeeOther(reader.url("payment", error.intent.number))
        return _refuse(request, reader, amounts, error)
    except DomainError as error:
        return _refuse(request, reader, amounts, error)
    return SeeOther(reader.url("payment", number))


@for_reader
def show_payment(request: HttpRequest, reader: Reader, number: str) -> HttpResponse:
    """Show the state of a payment and ask the platform. htmx gets the inner part, or 204 when nothing changed."""
    intent = ask_platform(intent=find_intent(reader, number), now=reader.now)
    is_fragment = "HX-Request" in request.headers
    if is_fragment and request.GET.get("seen") == intent.state:
        return HttpResponse(status=NO_NEWS)
    page = payment_page(reader, intent, is_back=request.GET.get("back") == "1")
    return render(request, "portal/_payment.html" if is_fragment else "portal/payment.html", {"page": page})


@for_reader
def drop(request: HttpRequest, reader: Reader, number: str) -> HttpResponse:
    """Let go of a payment so that it can be paid in another way; money that was faster counts."""
    intent = find_intent(reader, number)
    here = reader.url("payment", number)
    if request.method != "POST":
        return HttpResponseRedirect(here)
    try:
        intent = give_up(intent_id=intent.pk, now=reader.now)
    except PaymentInProgressError:
        return SeeOther(here)
    return SeeOther(retry_url(reader, intent) if intent.is_closed else here)


def _start(request: HttpRequest, reader: Reader, amounts: dict[int, Decimal | None]) -> str:
    """Note the payment and send it; return its order number."""
    intent = create_intent(
        wanted=amounts,
        gateway=request.POST.get("method", ""),
        now=reader.now,
        opened_by_link=not reader.is_known,
    )
    start_payment(intent_id=intent.pk, place=place_of(request, reader, intent.number), now=reader.now)
    return intent.number


def place_of(request: HttpRequest, reader: Reader, number: str) -> PayerPlace:
    """Where the payer stands, and the page of the payment to which the platform sends them back."""
    is_phone = any(word in request.headers.get("User-Agent", "") for word in PHONES)
    return PayerPlace(
        scene=Scene.PHONE if is_phone else Scene.DESKTOP,
        return_url=f"{settings.PUBLIC_URL}{reader.url('payment', number)}?back=1",
        ip=request.META.get("REMOTE_ADDR", ""),
    )


def _refuse(
    request: HttpRequest, reader: Reader, amounts: dict[int, Decimal | None], error: DomainError
) -> HttpResponse:
    """The sum again, with what went wrong above it; when nothing is left to pay, home says so."""
    try:
        page = pay_page(reader, wish_again(amounts), str(error))
    except NothingOpenError:
        return SeeOther(reader.url("home"))
    return render(request, "portal/pay.html", {"page": page}, status=error.status)
