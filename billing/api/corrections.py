"""The API of corrections (B9): ask, look, decide."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.models import Bill, CorrectionPart, CorrectionRequest, RequestKind
from billing.selectors.requests import list_requests
from billing.services.requests import (
    Wish,
    approve_request,
    open_request,
    refuse_request,
    withdraw_request,
)
from core.access import Requires
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
    """A request and what became of it."""

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
    """A wish: which bill, what should happen, why, and by how much for which lines."""

    bill = serializers.CharField(max_length=13)
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    reason = serializers.CharField(max_length=200)
    parts = PartSerializer(many=True, required=False, default=list)


class NoteSerializer(serializers.Serializer[Any]):
    """What is said on a decision; a refusal needs it."""

    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class RequestsView(generics.ListCreateAPIView):
    """The requests in scope, newest first; a POST asks for another one."""

    permission_classes = [Requires]
    permission = "billing.correct"
    serializer_class = RequestSerializer
    filterset_fields = ["state", "kind"]
    queryset = CorrectionRequest.objects.none()

    def get_queryset(self) -> Any:
        """Return the requests in scope."""
        return list_requests(acting_user(self.request)).prefetch_related("parts")

    @extend_schema(request=AskSerializer, responses={201: RequestSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write a request down; a bill out of scope is a 404."""
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
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


def _find(request: HttpRequest | Request, pk: int) -> CorrectionRequest:
    found: CorrectionRequest | None = list_requests(acting_user(request)).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


class RequestView(APIView):
    """One request."""

    permission_classes = [Requires]
    permission = "billing.correct"

    @extend_schema(responses=RequestSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Answer with the request; out of scope is a 404."""
        return Response(RequestSerializer(_find(request, pk)).data)


class ApproveView(APIView):
    """Approving a request: it is done at once, dated today."""

    permission_classes = [Requires]
    permission = "billing.approve"

    @extend_schema(request=NoteSerializer, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Approve, and answer with the request."""
        now = timezone.now()
        done = approve_request(
            request=_find(request, pk),
            by=acting_user(request),
            day=day_of(now),
            now=now,
            note=_note(request),
        )
        return Response(RequestSerializer(done).data)


class RefuseView(APIView):
    """Refusing a request, with a reason."""

    permission_classes = [Requires]
    permission = "billing.approve"

    @extend_schema(request=NoteSerializer, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Refuse, and answer with the request."""
        done = refuse_request(
            request=_find(request, pk), by=acting_user(request), now=timezone.now(), note=_note(request)
        )
        return Response(RequestSerializer(done).data)


class WithdrawView(APIView):
    """Taking one's own request back."""

    permission_classes = [Requires]
    permission = "billing.correct"

    @extend_schema(request=None, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Withdraw, and answer with the request."""
        done = withdraw_request(request=_find(request, pk), by=acting_user(request), now=timezone.now())
        return Response(RequestSerializer(done).data)


def _note(request: Request) -> str:
    sent = NoteSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    return str(sent.validated_data["note"])
