"""Choosing, paying, and asking how a payment stands."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST

from core.errors import DomainError
from payments.gateways.interface import Scene
from payments.models import Intent
from payments.models.merchants import GatewayName
from payments.services.intents import PaymentInProgressError, create_intent
from payments.services.starting import PayerPlace, start_payment
from portal.readers import Reader, reader_of
from portal.selectors.paying import choose_page, find_intent, pay_page, payment_page, read_amounts, read_wish

PHONES = ("Mobile", "Android", "iPhone", "HarmonyOS")


def choose_lines(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """Tick what to pay, over all bills and units."""
    return render(
        request, "portal/choose.html", {"page": choose_page(reader_of(request, token), request.GET)}
    )


def show_sum(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """The sum of what was chosen, and how to pay it."""
    reader = reader_of(request, token)
    sent = request.POST if request.method == "POST" else request.GET
    return render(request, "portal/pay.html", {"page": pay_page(reader, read_wish(reader, sent))})


@require_POST
def start(request: HttpRequest, token: str | None = None) -> HttpResponse:
    """Note the payment, send it to the platform, and lead the payer on.

    A second press finds the first one's payment and shows how it stands; nobody is charged twice (P-10).
    """
    reader = reader_of(request, token)
    wanted = read_amounts(reader, request.POST)
    try:
        intent = _start(request, reader, wanted)
    except PaymentInProgressError as error:
        return HttpResponseRedirect(reader.url("payment", error.intent.number))
    except DomainError as error:
        page = pay_page(reader, read_wish(reader, request.GET), str(error))
        return render(request, "portal/pay.html", {"page": page}, status=error.status)
    instruction = intent.instruction
    is_away = instruction.get("kind") == "redirect" and intent.is_live
    return HttpResponseRedirect(instruction["url"] if is_away else reader.url("payment", intent.number))


def show_payment(request: HttpRequest, number: str, token: str | None = None) -> HttpResponse:
    """How a payment stands; htmx asks for the inner part again until it is settled."""
    reader = reader_of(request, token)
    page = payment_page(reader, find_intent(reader, number))
    template = "portal/_payment.html" if "HX-Request" in request.headers else "portal/payment.html"
    return render(request, template, {"page": page})


def _start(request: HttpRequest, reader: Reader, wanted: dict[int, Decimal | None]) -> Intent:
    gateway = request.POST.get("method", "")
    intent = create_intent(wanted=wanted, gateway=gateway, now=reader.now, opened_by_link=not reader.is_known)
    place = PayerPlace(
        scene=_scene(request, gateway),
        return_url=settings.PUBLIC_URL + reader.url("payment", intent.number),
        ip=request.META.get("REMOTE_ADDR", ""),
    )
    return start_payment(intent_id=intent.pk, place=place, now=reader.now).intent


def _scene(request: HttpRequest, gateway: str) -> Scene:
    """A phone opens its wallet; at a desk WeChat Pay shows a code to scan, Alipay its own page."""
    if any(word in request.headers.get("User-Agent", "") for word in PHONES):
        return Scene.PHONE
    return Scene.QR if gateway == GatewayName.WECHAT else Scene.DESKTOP
