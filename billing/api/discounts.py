"""The API of discount rules: proposed by one person, decided by another, ended when they are over."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.explaining.discounts import tell_rule
from billing.forms.discounts import DiscountRuleForm
from billing.models import DiscountKind, DiscountRule
from billing.selectors.discounts import list_rules
from billing.services.discount_rules import approve_rule, end_rule, propose_rule, refuse_rule
from core.access import Requires
from core.api_doors import DeedView, ThingsView, ThingView, read_form, read_words
from estates.selectors import get_visible_community
from users.acting import acting_user


class RuleSerializer(serializers.ModelSerializer[Any]):
    """A rule and what became of it; ``told`` says it in a sentence, ``last_day`` is empty where it has no end."""

    community = serializers.CharField(source="community.code")
    fee_item = serializers.CharField(source="fee_item.code", default=None)
    last_day = serializers.DateField()
    told = serializers.SerializerMethodField()

    class Meta:
        model = DiscountRule
        fields = [
            "id", "community", "kind", "fee_item", "name", "months", "gift_months", "percent", "amount", "start",
            "last_day", "reason", "state", "requested_by", "requested_at", "decided_by", "decided_at", "told",
        ]  # fmt: skip

    def get_told(self, rule: DiscountRule) -> str:
        """The rule in the language of the reader."""
        return tell_rule(rule)


class ProposeSerializer(serializers.Serializer[Any]):
    """A new rule: each kind takes its own terms, as on the page. ``fee_item`` is its code, none the whole bill."""

    community = serializers.SlugField()
    kind = serializers.ChoiceField(choices=DiscountKind.choices)
    fee_item = serializers.CharField(max_length=30, required=False)
    name = serializers.CharField(max_length=60)
    months = serializers.IntegerField(min_value=1, required=False)
    gift_months = serializers.IntegerField(min_value=1, required=False)
    percent = serializers.DecimalField(max_digits=4, decimal_places=2, required=False)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    start = serializers.DateField()
    last_day = serializers.DateField(required=False)
    reason = serializers.CharField(max_length=200)


class LastDaySerializer(serializers.Serializer[Any]):
    """The last day of something that goes on."""

    last_day = serializers.DateField()


class RuleFilter(django_filters.FilterSet):
    """Which rules: of a community, a kind, a state."""

    community = django_filters.CharFilter(field_name="community__code")

    class Meta:
        model = DiscountRule
        fields = ["state", "kind"]


class Rules(GenericAPIView[Any]):
    """The rules in scope."""

    permission = "billing.view"
    queryset = DiscountRule.objects.none()
    serializer_class = RuleSerializer

    def get_queryset(self) -> Any:
        """Return the rules in scope."""
        return list_rules(self.request.user)


class DiscountsView(Rules, ThingsView):
    """The rules there are and were, of each community the newest first."""

    filterset_class = RuleFilter


class DiscountView(Rules, ThingView):
    """One rule."""


class ProposeView(APIView):
    """A new rule that waits for a second person."""

    permission_classes = [Requires]
    permission = "billing.tariffs"

    @extend_schema(request=ProposeSerializer, responses={201: RuleSerializer})
    def post(self, request: Request) -> Response:
        """Check the terms as the page does, and let the rule wait; a community out of scope is a 404."""
        wish = read_words(ProposeSerializer, request)
        community = get_visible_community(request.user, wish["community"])
        item = community.fee_items.filter(code=wish.get("fee_item", "")).first()
        if "fee_item" in wish and item is None:
            raise serializers.ValidationError({"fee_item": "There is no such fee item."})
        form = DiscountRuleForm({**wish, "community": community.pk, "fee_item": item}, user=request.user)
        read_form(form)
        rule = propose_rule(rule=form.instance, by=acting_user(request), now=timezone.now())
        return Response(RuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class ApproveView(Rules, DeedView):
    """Agreeing to a rule: it gives what it says from its first day on."""

    permission = "billing.approve"

    def act(self, thing: DiscountRule, words: dict[str, Any]) -> DiscountRule:
        """Approve it."""
        return approve_rule(rule=thing, by=acting_user(self.request), now=timezone.now())


class RefuseView(Rules, DeedView):
    """Saying no: the rule never gives anything."""

    permission = "billing.approve"

    def act(self, thing: DiscountRule, words: dict[str, Any]) -> DiscountRule:
        """Refuse it."""
        return refuse_rule(rule=thing, by=acting_user(self.request), now=timezone.now())


class EndView(Rules, DeedView):
    """Letting a rule hold until a day and no longer."""

    permission = "billing.approve"
    words_class = LastDaySerializer

    def act(self, thing: DiscountRule, words: dict[str, Any]) -> DiscountRule:
        """End it."""
        by, today = acting_user(self.request), timezone.localdate()
        return end_rule(rule=thing, last_day=words["last_day"], by=by, today=today)
