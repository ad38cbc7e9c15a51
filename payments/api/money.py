"""Money coming in (K1): intents of owners, receipts, the desk, and what nobody can place yet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.selectors.accounts import get_visible_account
from billing.selectors.lines import get_line_amounts
from core.access import OWN_THINGS, Requires
from core.api_doors import read_words
from payments.api.serializers import (
    ExceptionSerializer,
    IntentSerializer,
    OutcomeSerializer,
    PaySerializer,
    PrepaymentSerializer,
    ReceiptSerializer,
    TakeSerializer,
)
from payments.gateways.interface import Scene
from payments.models import Intent, PaymentException, PrepaymentEntry, Receipt
from payments.services.cash_desk import book_exception, take_cash
from payments.services.doubts import close_exception
from payments.services.intents import PaymentInProgressError, create_intent
from payments.services.queries import query_intent
from payments.services.requests import once
from payments.services.starting import PayerPlace, give_up, start_payment
from users.acting import acting_user


def act_once(request: Request, deed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do the deed of this request once for its log-in and Idempotency-Key."""
    return once(
        asker=f"user:{acting_user(request).pk}",
        key=request.headers.get("Idempotency-Key", ""),
        path=request.path,
        body=request._request.body,
        now=timezone.now(),
        deed=deed,
    )


class IntentsView(APIView):
    """Paying one's own bills."""

    permission_classes = [Requires]
    permission = OWN_THINGS

    @extend_schema(request=PaySerializer, responses={201: IntentSerializer})
    def post(self, request: Request) -> Response:
        """Record the order, send it to the platform and return what the payer does next; 409 while another is open."""
        wish = read_words(PaySerializer, request)
        wanted = _own_lines(request, wish["lines"])

        def note() -> dict[str, Any]:
            intent = create_intent(wanted=wanted, gateway=wish["gateway"], now=timezone.now())
            return {"intent": intent.pk}

        outcome = act_once(request, note)
        place = PayerPlace(
            scene=Scene(wish["scene"]),
            return_url=f"{settings.PUBLIC_URL}{wish['return_path']}" if wish["return_path"] else "",
            ip=request.META.get("REMOTE_ADDR", ""),
            openid=wish["openid"],
        )
        started = start_payment(intent_id=outcome["intent"], place=place, now=timezone.now())
        if not started.instruction:
            raise PaymentInProgressError(started.intent)
        return Response(IntentSerializer(started.intent).data, status=201)


class IntentView(APIView):
    """One of one's own orders."""

    permission_classes = [Requires]
    permission = OWN_THINGS

    @extend_schema(responses=IntentSerializer)
    def get(self, request: Request, number: str) -> Response:
        """Say how far the order got, as far as we have heard."""
        return Response(IntentSerializer(_own_intent(request, number)).data)


class IntentQueryView(APIView):
    """Asking the platform now."""

    permission_classes = [Requires]
    permission = OWN_THINGS

    @extend_schema(request=None, responses=IntentSerializer)
    def post(self, request: Request, number: str) -> Response:
        """Ask the platform about the order and say how far it got; asking again is harmless."""
        intent = query_intent(intent_id=_own_intent(request, number).pk, now=timezone.now())
        return Response(IntentSerializer(intent).data)


class IntentCloseView(APIView):
    """Giving an order up."""

    permission_classes = [Requires]
    permission = OWN_THINGS

    @extend_schema(request=None, responses=IntentSerializer)
    def post(self, request: Request, number: str) -> Response:
        """Close the order so that another way can be chosen; closing again is harmless. 409 while it is uncertain."""
        intent = give_up(intent_id=_own_intent(request, number).pk, now=timezone.now())
        return Response(IntentSerializer(intent).data)


class ReceiptsView(ListAPIView[Receipt]):
    """Receipts of one's communities, newest first."""

    permission_classes = [Requires]
    permission = "payments.view"
    serializer_class = ReceiptSerializer
    filterset_fields = ["community", "account", "channel", "value_day"]
    queryset = Receipt.objects.none()

    def get_queryset(self) -> Any:
        """Return the receipts in scope."""
        return (
            Receipt.objects.visible_to(self.request.user)
            .select_related("account__unit")
            .order_by("-paid_at", "-pk")
        )


class OwnReceiptsView(ReceiptsView):
    """One's own receipts, newest first."""

    permission = OWN_THINGS
    filterset_fields = ["account", "value_day"]


class PrepaymentsView(ListAPIView[PrepaymentEntry]):
    """What accounts have with us, entry by entry."""

    permission_classes = [Requires]
    permission = "payments.view"
    serializer_class = PrepaymentSerializer
    filterset_fields = ["account", "value_day"]
    queryset = PrepaymentEntry.objects.none()

    def get_queryset(self) -> Any:
        """Return the entries in scope."""
        return PrepaymentEntry.objects.visible_to(self.request.user).order_by("-pk")


class DeskReceiptsView(APIView):
    """Taking money at the desk."""

    permission_classes = [Requires]
    permission = "payments.take"

    @extend_schema(request=TakeSerializer, responses={201: ReceiptSerializer})
    def post(self, request: Request) -> Response:
        """Take cash, a transfer or a card payment for an account and return its receipt."""
        wish = read_words(TakeSerializer, request)
        account = get_visible_account(request.user, wish["account"])

        def take() -> dict[str, Any]:
            receipt = take_cash(
                account=account,
                amount=wish["amount"],
                channel=wish["channel"],
                tendered=wish["tendered"],
                reference=wish["reference"],
                chosen=_chosen(request, wish["lines"]),
                by=acting_user(request),
                now=timezone.now(),
            )
            return {"receipt": receipt.pk}

        receipt = Receipt.objects.get(pk=act_once(request, take)["receipt"])
        return Response(ReceiptSerializer(receipt).data, status=201)


class ExceptionsView(ListAPIView[PaymentException]):
    """The exceptions desk, oldest first."""

    permission_classes = [Requires]
    permission = "payments.view"
    serializer_class = ExceptionSerializer
    filterset_fields = ["community", "kind"]
    queryset = PaymentException.objects.none()

    def get_queryset(self) -> Any:
        """Return what is not settled yet, in scope."""
        return (
            PaymentException.objects.visible_to(self.request.user)
            .filter(closed_at=None)
            .order_by("opened_at")
        )


class ExceptionOutcomeView(APIView):
    """Settling something on the exceptions desk."""

    permission_classes = [Requires]
    permission = "payments.settle"

    @extend_schema(request=OutcomeSerializer, responses=ExceptionSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Settle it with an outcome; with an account its money is booked as that account's prepayment."""
        exception = get_object_or_404(PaymentException.objects.visible_to(request.user), pk=pk)
        wish, by, now = read_words(OutcomeSerializer, request), acting_user(request), timezone.now()
        account = get_visible_account(request.user, wish["account"]) if wish["account"] else None

        def settle() -> dict[str, Any]:
            if account:
                book_exception(exception=exception, account=account, outcome=wish["outcome"], by=by, now=now)
            else:
                close_exception(exception_id=exception.pk, outcome=wish["outcome"], by=by, now=now)
            return {"exception": exception.pk}

        act_once(request, settle)
        exception.refresh_from_db()
        return Response(ExceptionSerializer(exception).data)


def _own_lines(request: Request, lines: list[dict[str, Any]]) -> dict[int, Decimal | None]:
    """Return what is wanted of each line; a line out of scope is not found."""
    wanted: dict[int, Decimal | None] = {line["line"]: line["amount"] for line in lines}
    get_line_amounts(request.user, wanted)
    return wanted


def _chosen(request: Request, lines: list[dict[str, Any]] | None) -> dict[int, Decimal] | None:
    if lines is None:
        return None
    wanted = {line["line"]: line["amount"] for line in lines}
    amounts = get_line_amounts(request.user, wanted)
    return {line: amounts[line] if amount is None else amount for line, amount in wanted.items()}


def _own_intent(request: Request, number: str) -> Intent:
    intent: Intent = get_object_or_404(Intent.objects.visible_to(request.user), number=number)
    return intent
