"""The API of the account statement: of an account, its whole unit or all its payer has in the community."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.forms.statements import StatementForm
from billing.selectors.statement import get_statement
from billing.views.statements import read_wish
from core.access import Requires
from core.api_doors import read_form

MONEY: Any = {"max_digits": 14, "decimal_places": 2}
SPAN = [
    OpenApiParameter("first", str, description="The first day; twelve months ago where nothing is said."),
    OpenApiParameter("last", str, description="The last day; today where nothing is said."),
    OpenApiParameter("whole", str, enum=["account", "unit", "payer"], description="Whose statement it is."),
]


class FiguresSerializer(serializers.Serializer[Any]):
    """What moved the account; opening + charged − paid − credited = closing."""

    opening = serializers.DecimalField(**MONEY)
    charged = serializers.DecimalField(**MONEY)
    paid = serializers.DecimalField(**MONEY)
    credited = serializers.DecimalField(**MONEY)
    closing = serializers.DecimalField(**MONEY)


class MovementSerializer(serializers.Serializer[Any]):
    """A payment or a credit in words."""

    day = serializers.DateField()
    words = serializers.CharField()
    amount = serializers.DecimalField(**MONEY)


class StatementRowSerializer(serializers.Serializer[Any]):
    """From one charge to the next: the bills charged or taken back, and what was paid or given up."""

    day = serializers.DateField(source="figures.day")
    words = serializers.CharField(source="label")
    bills = serializers.ListField(child=serializers.CharField())
    figures = FiguresSerializer()
    payments = MovementSerializer(many=True)
    credits = MovementSerializer(many=True)
    change = serializers.CharField()


class StatementSerializer(serializers.Serializer[Any]):
    """A statement, both days inclusive."""

    account = serializers.IntegerField(source="asked.account.pk")
    first = serializers.DateField(source="asked.first")
    last = serializers.DateField(source="asked.last")
    figures = FiguresSerializer(source="statement.figures")
    rows = StatementRowSerializer(many=True, source="statement.rows")


class StatementView(APIView):
    """The statement of an account in scope."""

    permission_classes = [Requires]
    permission = "billing.view"

    @extend_schema(parameters=SPAN, responses=StatementSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Answer with the statement; a span that makes no sense is refused, where the page shows twelve months."""
        if request.query_params:
            read_form(StatementForm(request.query_params))
        asked = read_wish(request, pk)
        statement = get_statement(asked.account_ids, asked.first, asked.last)
        return Response(StatementSerializer({"asked": asked, "statement": statement}).data)
