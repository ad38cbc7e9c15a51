"""The API of changes of units: owner, vacancy, pause of the late fee, measured area; asked by one, made by another."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from billing.forms.changes import ChangeForm
from billing.models import UnitChange
from billing.models.changes import Balance, ChangeKind
from billing.selectors.requests import list_changes
from billing.services.changes import approve_change, refuse_change, request_change
from core.api_doors import DeedView, ThingsView, ThingView, read_form, read_words
from core.phones import mask_name, mask_phone
from estates.selectors import get_visible_unit
from users.acting import acting_user


class ChangeSerializer(serializers.ModelSerializer[Any]):
    """A change with its state and decision; the new owner's name and telephone are masked."""

    community = serializers.CharField(source="community.code")
    unit = serializers.CharField(source="unit.code")
    name = serializers.SerializerMethodField()
    phone = serializers.SerializerMethodField()

    class Meta:
        model = UnitChange
        fields = [
            "id", "community", "unit", "kind", "first_day", "last_day", "value", "name", "phone", "prepayment",
            "deposits", "reason", "state", "requested_by", "requested_at", "decided_by", "decided_at",
        ]  # fmt: skip

    def get_name(self, change: UnitChange) -> str:
        """The new owner's name as lists show it."""
        return mask_name(change.name)

    def get_phone(self, change: UnitChange) -> str:
        """The new owner's telephone as lists show it."""
        return mask_phone(change.phone)


class AskChangeSerializer(serializers.Serializer[Any]):
    """What changes about which unit, from when and why; each kind takes its own facts, as on the page."""

    community = serializers.SlugField()
    unit = serializers.CharField(max_length=40)
    kind = serializers.ChoiceField(choices=ChangeKind.choices)
    first_day = serializers.DateField()
    last_day = serializers.DateField(required=False)
    value = serializers.DecimalField(max_digits=14, decimal_places=4, required=False)
    name = serializers.CharField(max_length=100, required=False)
    phone = serializers.CharField(max_length=20, required=False)
    prepayment = serializers.ChoiceField(choices=Balance.choices, default=Balance.STAY.value)
    deposits = serializers.ChoiceField(choices=Balance.choices, default=Balance.STAY.value)
    reason = serializers.CharField(max_length=200)


class ChangeFilter(django_filters.FilterSet):
    """Which changes: of a community, a unit, a kind, a state."""

    community = django_filters.CharFilter(field_name="community__code")
    unit = django_filters.CharFilter(field_name="unit__code")

    class Meta:
        model = UnitChange
        fields = ["kind", "state"]


class Changes(GenericAPIView[Any]):
    """The changes in scope."""

    permission = "billing.correct"
    queryset = UnitChange.objects.none()
    serializer_class = ChangeSerializer

    def get_queryset(self) -> Any:
        """Return the changes in scope."""
        return list_changes(acting_user(self.request))


class ChangesView(Changes, ThingsView):
    """The changes in scope, newest first; a POST asks for one."""

    filterset_class = ChangeFilter

    @extend_schema(request=AskChangeSerializer, responses={201: ChangeSerializer})
    def post(self, request: Request) -> Response:
        """Check the facts as the page does, and let the change wait for a second person."""
        wish = read_words(AskChangeSerializer, request)
        unit = get_visible_unit(request.user, wish["community"], wish["unit"])
        form = ChangeForm({**wish, "unit_code": unit.code}, user=request.user, community=wish["community"])
        read_form(form)
        change = request_change(change=form.instance, by=acting_user(request), now=timezone.now())
        return Response(ChangeSerializer(change).data, status=status.HTTP_201_CREATED)


class ChangeView(Changes, ThingView):
    """One change."""


class ApproveView(Changes, DeedView):
    """Approve a change: it takes effect, and days already billed are corrected."""

    permission = "billing.approve"

    def act(self, thing: UnitChange, words: dict[str, Any]) -> object:
        """Make it."""
        return approve_change(change=thing, by=acting_user(self.request), now=timezone.now())


class RefuseView(Changes, DeedView):
    """Saying no: nothing happens to the unit."""

    permission = "billing.approve"

    def act(self, thing: UnitChange, words: dict[str, Any]) -> None:
        """Refuse it."""
        refuse_change(change=thing, by=acting_user(self.request), now=timezone.now())
