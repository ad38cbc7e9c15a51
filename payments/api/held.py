"""The API of what accounts have with us: prepayment, deposits, and money back by two people."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.api.corrections import NoteSerializer
from billing.selectors.accounts import get_visible_account
from core.access import Requires
from core.api_doors import DeedView, ThingsView, ThingView, read_form, read_words
from core.calendars import day_of
from payments.api.money import act_once
from payments.api.serializers import MONEY
from payments.forms import DepositForm, PayoutForm
from payments.models import Deposit, DepositKind, Payout, PayoutKind
from payments.models.deposits import CHANNELS
from payments.selectors.deposits import list_deposits
from payments.selectors.payouts import list_payouts
from payments.selectors.prepayments import find_room, get_balance_of, list_purses
from payments.services.deposits import DepositDraft, take_deposit
from payments.services.payouts import (
    PayoutDraft,
    approve_payout,
    open_payout,
    refuse_payout,
    withdraw_payout,
)
from users.acting import acting_user


class PurseSerializer(serializers.Serializer[Any]):
    """A part of a prepayment: meant for a fee item, or for whatever comes due."""

    fee_item = serializers.IntegerField(source="fee_item_id", allow_null=True)
    name = serializers.CharField()
    amount = serializers.DecimalField(**MONEY)


class PrepaidSerializer(serializers.Serializer[Any]):
    """What an account has with us, and how much more it may pay in today; no ``room`` means no cap."""

    account = serializers.IntegerField()
    balance = serializers.DecimalField(**MONEY)
    purses = PurseSerializer(many=True)
    room = serializers.DecimalField(allow_null=True, **MONEY)


class PrepaidView(APIView):
    """The prepayment of an account; its entries are under `prepayments`."""

    permission_classes = [Requires]
    permission = "payments.view"

    @extend_schema(responses=PrepaidSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Answer with the balance and what it is meant for."""
        account = get_visible_account(request.user, pk)
        held = {
            "account": account.pk,
            "balance": get_balance_of(account.pk),
            "purses": list_purses(account.pk),
            "room": find_room(account, timezone.localdate()),
        }
        return Response(PrepaidSerializer(held).data)


# Deposits -----------------------------------------------------------------------------------------------


class DepositSerializer(serializers.ModelSerializer[Any]):
    """A deposit as it was taken; ``held`` is what is left of it."""

    community = serializers.CharField(source="community.code")
    unit = serializers.CharField(source="account.unit.code")
    held = serializers.DecimalField(**MONEY)

    class Meta:
        model = Deposit
        fields = [
            "id", "number", "community", "account", "unit", "kind", "channel", "reference", "amount", "held", "note",
            "value_day", "taken_by", "taken_at",
        ]  # fmt: skip


class TakeDepositSerializer(serializers.Serializer[Any]):
    """A deposit handed over at the desk."""

    account = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=DepositKind.choices)
    amount = serializers.DecimalField(**MONEY)
    channel = serializers.ChoiceField(choices=CHANNELS)
    reference = serializers.CharField(max_length=64, required=False)
    note = serializers.CharField(max_length=200, required=False)


class DepositsView(ThingsView):
    """The deposits in scope, newest first."""

    permission = "payments.view"
    serializer_class = DepositSerializer
    filterset_fields = ["account", "kind"]
    queryset = Deposit.objects.none()

    def get_queryset(self) -> Any:
        """Return the deposits in scope."""
        return list_deposits(self.request.user)


class TakeDepositView(APIView):
    """Taking a deposit at the desk."""

    permission_classes = [Requires]
    permission = "payments.take"

    @extend_schema(request=TakeDepositSerializer, responses={201: DepositSerializer})
    def post(self, request: Request) -> Response:
        """Take it once for its key, and answer with the deposit; an account out of scope is a 404."""
        wish = read_words(TakeDepositSerializer, request)
        account = get_visible_account(request.user, wish["account"])
        draft = DepositDraft(**read_form(DepositForm(wish)))
        by, now = acting_user(request), timezone.now()

        def take() -> dict[str, Any]:
            return {"deposit": take_deposit(account=account, draft=draft, by=by, now=now).pk}

        deposit = list_deposits(request.user).get(pk=act_once(request, take)["deposit"])
        return Response(DepositSerializer(deposit).data, status=status.HTTP_201_CREATED)


# Money back ---------------------------------------------------------------------------------------------


class PayoutSerializer(serializers.ModelSerializer[Any]):
    """A request to pay money back or to keep part of a deposit, with its state and decision."""

    community = serializers.CharField(source="community.code")
    requested_by = serializers.CharField(source="requested_by.username")
    decided_by = serializers.CharField(source="decided_by.username", default=None)

    class Meta:
        model = Payout
        fields = [
            "id", "community", "account", "deposit", "kind", "amount", "channel", "reference", "reason", "state",
            "requested_by", "requested_at", "decided_by", "decided_at", "booked_on", "note",
        ]  # fmt: skip


class AskPayoutSerializer(serializers.Serializer[Any]):
    """What should go back, or be kept: of prepayment no ``deposit``, and no ``channel`` where money stays."""

    account = serializers.IntegerField(min_value=1)
    kind = serializers.ChoiceField(choices=PayoutKind.choices)
    deposit = serializers.IntegerField(min_value=1, required=False)
    amount = serializers.DecimalField(**MONEY)
    channel = serializers.ChoiceField(choices=CHANNELS, required=False)
    reference = serializers.CharField(max_length=64, required=False)
    reason = serializers.CharField(max_length=200)


class Payouts(GenericAPIView[Any]):
    """The payouts in scope."""

    permission = "billing.correct"
    queryset = Payout.objects.none()
    serializer_class = PayoutSerializer

    def get_queryset(self) -> Any:
        """Return the payouts in scope."""
        return list_payouts(self.request.user)


class PayoutsView(Payouts, ThingsView):
    """The payouts in scope, newest first; a POST asks for one, once for its key."""

    filterset_fields = ["account", "kind", "state"]

    @extend_schema(request=AskPayoutSerializer, responses={201: PayoutSerializer})
    def post(self, request: Request) -> Response:
        """Write the wish down; an account out of scope is a 404, a deposit of another account is refused."""
        wish = read_words(AskPayoutSerializer, request)
        account = get_visible_account(request.user, wish["account"])
        asked = read_form(PayoutForm(wish, account=account))
        draft = PayoutDraft(
            asked["kind"], asked["amount"], asked["reason"], asked["channel"], asked["reference"]
        )
        by, now = acting_user(request), timezone.now()

        def ask() -> dict[str, Any]:
            made = open_payout(account=account, draft=draft, by=by, now=now, deposit=asked["deposit"])
            return {"payout": made.pk}

        payout = self.get_queryset().get(pk=act_once(request, ask)["payout"])
        return Response(PayoutSerializer(payout).data, status=status.HTTP_201_CREATED)


class PayoutView(Payouts, ThingView):
    """One payout."""


class ApproveView(Payouts, DeedView):
    """Approving a payout: it is booked today, and the money is handed out."""

    permission = "billing.approve"
    words_class = NoteSerializer

    def act(self, thing: Payout, words: dict[str, Any]) -> Payout:
        """Approve it."""
        by, now = acting_user(self.request), timezone.now()
        return approve_payout(payout=thing, by=by, day=day_of(now), now=now, note=words["note"])


class RefuseView(Payouts, DeedView):
    """Refusing a payout, with a reason."""

    permission = "billing.approve"
    words_class = NoteSerializer

    def act(self, thing: Payout, words: dict[str, Any]) -> Payout:
        """Refuse it."""
        by, now = acting_user(self.request), timezone.now()
        return refuse_payout(payout=thing, by=by, now=now, note=words["note"])


class WithdrawView(Payouts, DeedView):
    """Taking one's own request back."""

    def act(self, thing: Payout, words: dict[str, Any]) -> Payout:
        """Withdraw it."""
        return withdraw_payout(payout=thing, by=acting_user(self.request), now=timezone.now())
