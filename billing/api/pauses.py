"""The API of pauses of the late fee: ended or taken back. A new one is asked for as a change of a unit."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.generics import GenericAPIView

from billing.api.discounts import LastDaySerializer
from billing.models import LateFeePause
from billing.selectors.pauses import list_pauses, running_on
from billing.services.late_fees import end_pause, withdraw_pause
from core.api_doors import DeedView, ThingsView, ThingView
from users.acting import acting_user


class PauseSerializer(serializers.ModelSerializer[Any]):
    """A pause of an account, or of one line; ``last_day`` is empty while it goes on."""

    community = serializers.CharField(source="community.code")

    class Meta:
        model = LateFeePause
        fields = [
            "id", "community", "account", "line", "cause", "first_day", "last_day", "reason", "source", "approved_by",
            "written_at", "withdrawn_on",
        ]  # fmt: skip


class WithdrawSerializer(serializers.Serializer[Any]):
    """Why it should never have been."""

    reason = serializers.CharField(max_length=200)


class PauseFilter(django_filters.FilterSet):
    """Which pauses: of a community, of an account and its lines, those that run or those that are over."""

    community = django_filters.CharFilter(field_name="community__code")
    account = django_filters.NumberFilter(method="of_account")
    running = django_filters.BooleanFilter(method="that_run")

    class Meta:
        model = LateFeePause
        fields = ["cause"]

    def of_account(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Keep those of an account and of its lines."""
        return rows.filter(Q(account=value) | Q(line__bill__account=value))

    def that_run(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep those that run today, or the others."""
        running = running_on(timezone.localdate())
        return rows.filter(running) if value else rows.exclude(running)


class Pauses(GenericAPIView[Any]):
    """The pauses in scope."""

    permission = "billing.view"
    queryset = LateFeePause.objects.none()
    serializer_class = PauseSerializer

    def get_queryset(self) -> Any:
        """Return the pauses in scope."""
        return list_pauses(self.request.user)


class PausesView(Pauses, ThingsView):
    """The pauses in scope, the latest first."""

    filterset_class = PauseFilter


class PauseView(Pauses, ThingView):
    """One pause."""


class EndView(Pauses, DeedView):
    """Giving a pause its last day; the fee grows again from the day after."""

    permission = "billing.approve"
    words_class = LastDaySerializer

    def act(self, thing: LateFeePause, words: dict[str, Any]) -> LateFeePause:
        """End it."""
        return end_pause(pause=thing, last_day=words["last_day"], by=acting_user(self.request))


class WithdrawView(Pauses, DeedView):
    """Taking a pause back as if it had never been."""

    permission = "billing.approve"
    words_class = WithdrawSerializer

    def act(self, thing: LateFeePause, words: dict[str, Any]) -> LateFeePause:
        """Take it back today."""
        by, day = acting_user(self.request), timezone.localdate()
        return withdraw_pause(pause=thing, day=day, reason=words["reason"], by=by)
