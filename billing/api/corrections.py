"""The API of corrections (B9): ask, look, decide."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Bill, CorrectionPart, CorrectionRequest, RequestKind
from billing.selectors.requests import list_requests
from billing.services.requests import (
    Wish,
    approve_request,
    open_request,
    refuse_request,
    withdraw_request,
)
from core.api_doors import DeedView, ThingsView, ThingView, read_words
from core.calendars import day_of
from core.errors import NotFoundError
from users.acting import acting_user

MONEY: Any = {"max_digits": 14, "decimal_places": 2}


class PartSerializer(serializers.ModelSerializer[Any]):
    """A line and by how much it should change."""

    line = serializers.IntegerField(min_value=1, source="line_id")

    class Meta:
        model = CorrectionPart
        fields = ["line", "amount"]


class RequestSerializer(serializers.ModelSerializer[Any]):
    """A request with its parts, state and decision."""

    community = serializers.CharField(source="community.code")
    bill = serializers.CharField(source="bill.number")
    requested_by = serializers.CharField(source="requested_by.username")
    decided_by = serializers.CharField(source="decided_by.username", default=None)
    parts = PartSerializer(many=True)

    class Meta:
        model = CorrectionRequest
        fields = [
            "id", "community", "bill", "kind", "state", "amount", "reason", "parts", "requested_by", "requested_at",
            "decided_by", "decided_at", "booked_on", "note",
        ]  # fmt: skip


class AskSerializer(serializers.Serializer[Any]):
    """What is asked for: the bill, the kind of correction, the reason, and the amount for each line."""

    bill = serializers.CharField(max_length=13)
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    reason = serializers.CharField(max_length=200)
    parts = PartSerializer(many=True, required=False, default=list)


class NoteSerializer(serializers.Serializer[Any]):
    """What is said on a decision; a refusal needs it."""

    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class Requests(GenericAPIView[Any]):
    """The requests in scope."""

    queryset = CorrectionRequest.objects.none()
    serializer_class = RequestSerializer

    def get_queryset(self) -> Any:
        """Return the requests in scope."""
        return list_requests(acting_user(self.request)).prefetch_related("parts")


class RequestsView(Requests, ThingsView):
    """The requests in scope, newest first; a POST asks for another one."""

    permission = "billing.correct"
    filterset_fields = ["state", "kind"]

    @extend_schema(request=AskSerializer, responses={201: RequestSerializer})
    def post(self, request: Request) -> Response:
        """Write a request down; a bill out of scope is a 404."""
        wish = read_words(AskSerializer, request)
        bill = Bill.objects.visible_to(request.user).filter(number=wish["bill"]).first()
        if bill is None:
            raise NotFoundError
        parts = {part["line_id"]: part["amount"] for part in wish["parts"]}
        made = open_request(
            bill=bill,
            wish=Wish(RequestKind(wish["kind"]), wish["reason"], parts),
            by=acting_user(request),
            now=timezone.now(),
        )
        return Response(RequestSerializer(made).data, status=status.HTTP_201_CREATED)


class RequestView(Requests, ThingView):
    """One request."""

    permission = "billing.correct"


class ApproveView(Requests, DeedView):
    """Approving a request: it is done at once, dated today."""

    permission = "billing.approve"
    words_class = NoteSerializer

    def act(self, thing: CorrectionRequest, words: dict[str, Any]) -> CorrectionRequest:
        """Approve it."""
        now = timezone.now()
        return approve_request(
            request=thing, by=acting_user(self.request), day=day_of(now), now=now, note=words["note"]
        )


class RefuseView(Requests, DeedView):
    """Refusing a request, with a reason."""

    permission = "billing.approve"
    words_class = NoteSerializer

    def act(self, thing: CorrectionRequest, words: dict[str, Any]) -> CorrectionRequest:
        """Refuse it."""
        return refuse_request(
            request=thing, by=acting_user(self.request), now=timezone.now(), note=words["note"]
        )


class WithdrawView(Requests, DeedView):
    """Taking one's own request back."""

    permission = "billing.correct"

    def act(self, thing: CorrectionRequest, words: dict[str, Any]) -> CorrectionRequest:
        """Withdraw it."""
        return withdraw_request(request=thing, by=acting_user(self.request), now=timezone.now())
