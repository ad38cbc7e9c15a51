"""What the API of payments reads and writes: explicit fields, money as text."""

from __future__ import annotations

from typing import Any

from django.utils.http import url_has_allowed_host_and_scheme
from rest_framework import serializers

from payments.gateways.interface import Scene
from payments.models import Channel, Intent, PaymentException, PrepaymentEntry, Receipt
from payments.models.merchants import GatewayName
from payments.models.receipts import DESK_CHANNELS

MONEY: Any = {"max_digits": 14, "decimal_places": 2}


class WantedLineSerializer(serializers.Serializer[Any]):
    """A charge line to pay; without an amount all that is open of it."""

    line = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(required=False, allow_null=True, default=None, **MONEY)


class PaySerializer(serializers.Serializer[Any]):
    """What the payer wants to pay: lines, platform, and the scene (QR code, phone, desktop, in-app)."""

    lines = WantedLineSerializer(many=True, allow_empty=False)
    gateway = serializers.ChoiceField(choices=GatewayName.choices)
    scene = serializers.ChoiceField(choices=[scene.value for scene in Scene], default=Scene.QR.value)
    return_path = serializers.CharField(required=False, default="", max_length=300)
    openid = serializers.CharField(required=False, default="", max_length=64)

    def validate_return_path(self, path: str) -> str:
        """Refuse to send payers anywhere but back to us."""
        if path and not (path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)):
            raise serializers.ValidationError("A path on this site, beginning with a slash.")
        return path

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Refuse to name a line twice."""
        if len({line["line"] for line in lines}) != len(lines):
            raise serializers.ValidationError("A line is named twice.")
        return lines


class TakeSerializer(serializers.Serializer[Any]):
    """Money taken at the desk for an account; with ``lines`` for these only."""

    account = serializers.IntegerField(min_value=1)
    amount = serializers.DecimalField(**MONEY)
    channel = serializers.ChoiceField(choices=[(channel.value, channel.label) for channel in DESK_CHANNELS])
    tendered = serializers.DecimalField(required=False, allow_null=True, default=None, **MONEY)
    reference = serializers.CharField(required=False, default="", max_length=64, allow_blank=True)
    lines = WantedLineSerializer(many=True, required=False, default=None, allow_null=True)

    def validate_channel(self, channel: str) -> Channel:
        """Return the channel as payments knows it."""
        return Channel(channel)


class IntentSerializer(serializers.ModelSerializer[Intent]):
    """An order: how far it got, and what the payer's page must do."""

    class Meta:
        model = Intent
        fields = ["number", "amount", "state", "instruction", "created_at", "expires_at", "finished_at"]
        read_only_fields = fields


class ReceiptSerializer(serializers.ModelSerializer[Receipt]):
    """A receipt as its paper has it, without its lines."""

    unit = serializers.CharField(source="account.unit.code")

    class Meta:
        model = Receipt
        fields = [
            "id",
            "number",
            "unit",
            "account",
            "channel",
            "amount",
            "paid_at",
            "value_day",
            "was_chosen",
        ]
        read_only_fields = fields


class PrepaymentSerializer(serializers.ModelSerializer[PrepaymentEntry]):
    """A change of an account's prepayment."""

    class Meta:
        model = PrepaymentEntry
        fields = ["id", "account", "amount", "value_day", "source"]
        read_only_fields = fields


class ExceptionSerializer(serializers.ModelSerializer[PaymentException]):
    """Something on the exceptions desk."""

    class Meta:
        model = PaymentException
        fields = [
            "id",
            "kind",
            "reference",
            "expected",
            "heard",
            "count",
            "opened_at",
            "closed_at",
            "outcome",
        ]
        read_only_fields = fields


class OutcomeSerializer(serializers.Serializer[Any]):
    """How something on the desk was settled; with an account, its money becomes that account's prepayment."""

    outcome = serializers.CharField(max_length=200)
    account = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
