"""The API of shared pools: as they were shared, and shared again when somebody was left out."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import PoolResharing, PoolResult
from billing.selectors.resharing import list_pools, list_resharings
from billing.services.resharing import preview_resharing
from billing.services.resharing_requests import approve_resharing, refuse_resharing, request_resharing
from core.api_doors import DeedView, ThingsView, ThingView, read_words
from users.acting import acting_user

MONEY: Any = {"max_digits": 14, "decimal_places": 2}


class PoolSerializer(serializers.ModelSerializer[Any]):
    """A pool as it was shared; ``period_end`` is the first day after."""

    community = serializers.CharField(source="fee_item.community.code")
    fee_item = serializers.CharField(source="fee_item.code")
    units = serializers.SerializerMethodField()

    class Meta:
        model = PoolResult
        fields = [
            "id", "community", "run", "fee_item", "meter_code", "period_start", "period_end", "use", "price", "amount",
            "key", "agreement", "units",
        ]  # fmt: skip

    def get_units(self, pool: PoolResult) -> int:
        """How many units took part."""
        return len(pool.unit_ids)


class ShareSerializer(serializers.Serializer[Any]):
    """A unit's share as it was and as it would be; none before for who joins, and who has paid keeps his."""

    unit = serializers.CharField(source="unit.code")
    before = serializers.DecimalField(allow_null=True, **MONEY)
    after = serializers.DecimalField(**MONEY)
    difference = serializers.DecimalField(**MONEY)
    stays = serializers.BooleanField()


class PoolAgainSerializer(serializers.Serializer[Any]):
    """A second split of a pool beside the first."""

    pool = serializers.IntegerField(source="pool.pk")
    shares = ShareSerializer(many=True)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why the pool is to be shared again."""

    reason = serializers.CharField(max_length=200)


class ResharingSerializer(serializers.ModelSerializer[Any]):
    """A request to share a pool again, with its state and decision."""

    community = serializers.CharField(source="community.code")

    class Meta:
        model = PoolResharing
        fields = [
            "id", "community", "pool", "reason", "state", "requested_by", "requested_at", "decided_by", "decided_at"
        ]  # fmt: skip


class PoolFilter(django_filters.FilterSet):
    """Which pools: of a community, a fee item, for periods that start in a span."""

    community = django_filters.CharFilter(field_name="fee_item__community__code")
    fee_item = django_filters.CharFilter(field_name="fee_item__code")
    period_from = django_filters.DateFilter(field_name="period_start", lookup_expr="gte")
    period_until = django_filters.DateFilter(field_name="period_start", lookup_expr="lt")

    class Meta:
        model = PoolResult
        fields = ["run"]


class Pools(GenericAPIView[Any]):
    """The pools in scope."""

    queryset = PoolResult.objects.none()
    serializer_class: Any = PoolSerializer

    def get_queryset(self) -> Any:
        """Return the pools in scope."""
        return list_pools(self.request.user)


class PoolsView(Pools, ThingsView):
    """The pools in scope, the latest period first."""

    permission = "billing.view"
    filterset_class = PoolFilter


class ReshareView(Pools, ThingView):
    """The second split of one pool: a look at it, and by a POST the wish that another person decides."""

    permission = "billing.correct"
    serializer_class = PoolAgainSerializer

    @extend_schema(responses=PoolAgainSerializer)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with both splits; 422 where nobody joined since."""
        again = preview_resharing(self.get_object())
        return Response(PoolAgainSerializer({"pool": again.pool, "shares": again.shares()}).data)

    @extend_schema(request=ReasonSerializer, responses={201: ResharingSerializer})
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Ask for it; while another request waits 409."""
        reason = read_words(ReasonSerializer, request)["reason"]
        by, now = acting_user(request), timezone.now()
        asked = request_resharing(pool=self.get_object(), reason=reason, by=by, now=now)
        return Response(ResharingSerializer(asked).data, status=status.HTTP_201_CREATED)


class Resharings(GenericAPIView[Any]):
    """The requests in scope."""

    queryset = PoolResharing.objects.none()
    serializer_class = ResharingSerializer

    def get_queryset(self) -> Any:
        """Return the requests in scope."""
        return list_resharings(self.request.user)


class ResharingsView(Resharings, ThingsView):
    """The requests in scope, newest first."""

    permission = "billing.correct"
    filterset_fields = ["pool", "state"]


class ApproveView(Resharings, DeedView):
    """Agreeing: unpaid shares become smaller by corrections, and who joined gets a bill."""

    permission = "billing.approve"

    def act(self, thing: PoolResharing, words: dict[str, Any]) -> object:
        """Share the pool again."""
        return approve_resharing(asked=thing, by=acting_user(self.request), now=timezone.now())


class RefuseView(Resharings, DeedView):
    """Saying no: every share stays."""

    permission = "billing.approve"

    def act(self, thing: PoolResharing, words: dict[str, Any]) -> None:
        """Refuse it."""
        refuse_resharing(asked=thing, by=acting_user(self.request), now=timezone.now())
