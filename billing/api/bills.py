"""The API of bills, their lines and explanations (K1)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.explaining.changes import tell_change
from billing.explaining.steps import tell_steps, tell_summary
from billing.models import Bill, ChargeLine
from billing.selectors.explained import ExplainedLine, explain_line
from billing.selectors.lines import get_line_amounts
from billing.selectors.outstanding import annotate_outstanding, lines_with_outstanding
from core.access import Requires
from core.errors import NotFoundError


class BillSerializer(serializers.ModelSerializer[Any]):
    """A bill with what is outstanding on it today. ``period_end`` is the first day after."""

    unit = serializers.CharField(source="account.unit.code")
    community = serializers.CharField(source="community.code")
    settled = serializers.DecimalField(max_digits=14, decimal_places=2)
    waived = serializers.DecimalField(max_digits=14, decimal_places=2)
    outstanding = serializers.SerializerMethodField()

    class Meta:
        model = Bill
        fields = [
            "number", "community", "unit", "account", "period_start", "period_end", "due_on", "issued_on", "state",
            "total", "settled", "waived", "outstanding",
        ]  # fmt: skip

    @extend_schema_field(serializers.DecimalField(max_digits=14, decimal_places=2))
    def get_outstanding(self, bill: Any) -> str:
        """What is left to pay; nothing on drafts and void bills."""
        return f"{bill.outstanding if bill.state == 'issued' else Decimal(0):.2f}"


class LineSerializer(serializers.ModelSerializer[Any]):
    """A charge line; ``id`` leads to its explanation."""

    fee_item = serializers.CharField(source="fee_item.code")
    name = serializers.CharField(source="fee_item.name")

    class Meta:
        model = ChargeLine
        fields = [
            "id", "fee_item", "name", "part", "period_start", "period_end", "method", "quantity", "price", "amount"
        ]  # fmt: skip


class BillFilter(django_filters.FilterSet):
    """Which bills: of a community, a unit, a state, or for periods that start in a span."""

    community = django_filters.CharFilter(field_name="community__code")
    unit = django_filters.CharFilter(field_name="account__unit__code")
    period_from = django_filters.DateFilter(field_name="period_start", lookup_expr="gte")
    period_until = django_filters.DateFilter(field_name="period_start", lookup_expr="lt")

    class Meta:
        model = Bill
        fields = ["state"]


def visible_bills(request: Request) -> QuerySet[Any]:
    """The bills in scope with what is outstanding on them today."""
    bills = Bill.objects.visible_to(request.user).select_related("account__unit", "community")
    return annotate_outstanding(bills, timezone.localdate()).order_by("-period_start", "-id")


class BillsView(generics.ListAPIView):
    """The bills in scope, newest first."""

    permission_classes = [Requires]
    permission = "billing.view"
    serializer_class = BillSerializer
    filterset_class = BillFilter
    queryset = Bill.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the bills in scope."""
        return visible_bills(self.request)


class BillView(APIView):
    """One bill with its lines."""

    permission_classes = [Requires]
    permission = "billing.view"

    @extend_schema(responses=BillSerializer)
    def get(self, request: Request, number: str) -> Response:
        """Answer with the bill and its lines; out of scope is a 404."""
        bill = visible_bills(request).filter(number=number).first()
        if bill is None:
            raise NotFoundError
        lines = bill.lines.select_related("fee_item").order_by("fee_item__rank", "fee_item", "part")
        return Response({**BillSerializer(bill).data, "lines": LineSerializer(lines, many=True).data})


class StepSerializer(serializers.Serializer[Any]):
    """One step of an explanation, in the reader's language."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name, not DRF's own attribute
    value = serializers.CharField()
    note = serializers.CharField()
    is_result = serializers.BooleanField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """A line opened and computed again; ``agrees`` is false when the result or the inputs are not as billed."""

    line = serializers.IntegerField()
    fee_item = serializers.CharField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    computed = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    agrees = serializers.BooleanField()
    contradictions = serializers.ListField(child=serializers.CharField())
    summary = serializers.CharField()
    steps = StepSerializer(many=True)
    change = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True)
    why = serializers.CharField()


def tell(line: ExplainedLine) -> dict[str, Any]:
    """Put an explained line into words."""
    opened = line.explanation
    return {
        "line": line.line_id,
        "fee_item": line.fee_item_code,
        "amount": line.amount,
        "computed": opened.computed,
        "agrees": opened.agrees,
        "contradictions": opened.contradictions,
        "summary": tell_summary(opened),
        "steps": tell_steps(opened, name=line.name),
        "change": line.change.amount if line.change else None,
        "why": tell_change(line.change) if line.change else "",
    }


class ExplanationView(APIView):
    """How a line was worked out, and the same sum done again."""

    permission_classes = [Requires]
    permission = "billing.view"

    @extend_schema(responses=ExplanationSerializer)
    def get(self, request: Request, line: int) -> Response:
        """Answer with the line opened; out of scope is a 404."""
        get_line_amounts(request.user, [line])
        return Response(ExplanationSerializer(tell(explain_line(line))).data)


class OpenLineSerializer(LineSerializer):
    """A line with something left to pay."""

    bill = serializers.CharField(source="bill.number")
    unit = serializers.CharField(source="bill.account.unit.code")
    account = serializers.IntegerField(source="bill.account_id")
    due_on = serializers.DateField(source="bill.due_on")
    settled = serializers.DecimalField(max_digits=14, decimal_places=2)
    waived = serializers.DecimalField(max_digits=14, decimal_places=2)
    outstanding = serializers.DecimalField(max_digits=14, decimal_places=2)

    class Meta(LineSerializer.Meta):
        fields = [
            *LineSerializer.Meta.fields,
            "bill",
            "unit",
            "account",
            "due_on",
            "settled",
            "waived",
            "outstanding",
        ]


class OpenLineFilter(django_filters.FilterSet):
    """Which lines: of a community, a unit, a fee item, due before a day."""

    community = django_filters.CharFilter(field_name="bill__community__code")
    unit = django_filters.CharFilter(field_name="bill__account__unit__code")
    fee_item = django_filters.CharFilter(field_name="fee_item__code")
    due_before = django_filters.DateFilter(field_name="bill__due_on", lookup_expr="lt")

    class Meta:
        model = ChargeLine
        fields = ["method"]


class OpenLinesView(generics.ListAPIView):
    """The lines in scope with something left to pay today, by due day."""

    permission_classes = [Requires]
    permission = "billing.view"
    serializer_class = OpenLineSerializer
    filterset_class = OpenLineFilter
    queryset = ChargeLine.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the open lines in scope."""
        lines = lines_with_outstanding(ChargeLine.objects.visible_to(self.request.user), timezone.localdate())
        open_ = lines.filter(outstanding__gt=0).select_related("bill__account__unit", "fee_item")
        return open_.order_by("bill__due_on", "bill_id", "fee_item__rank", "pk")
