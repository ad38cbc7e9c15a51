"""The register's things as programs read them; the deeds done to them stand with the app that does them."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers
from rest_framework.generics import GenericAPIView

from estates.models import VacancyEntitlement
from estates.selectors.vacancies import list_vacancies


class VacancySerializer(serializers.ModelSerializer[Any]):
    """A vacancy; until it is decided ``start`` and ``share`` are what it would come to; ``end``: first day after."""

    community = serializers.CharField(source="unit.community.code")
    unit = serializers.CharField(source="unit.code")

    class Meta:
        model = VacancyEntitlement
        fields = [
            "id", "community", "unit", "state", "reason", "empty_since", "start", "end", "share", "recorded_by",
            "recorded_at", "inspected_by", "inspected_on", "findings", "decided_by", "decided_at", "decision",
            "articles", "end_cause", "ended_because", "ended_at", "seen_by",
        ]  # fmt: skip


class VacancyFilter(django_filters.FilterSet):
    """Which vacancies: of a community, a unit, a state."""

    community = django_filters.CharFilter(field_name="unit__community__code")
    unit = django_filters.CharFilter(field_name="unit__code")

    class Meta:
        model = VacancyEntitlement
        fields = ["state"]


class Vacancies(GenericAPIView[Any]):
    """The vacancies in scope."""

    permission = "estates.vacancies"
    queryset = VacancyEntitlement.objects.none()
    serializer_class = VacancySerializer

    def get_queryset(self) -> Any:
        """Return the vacancies in scope."""
        return list_vacancies(self.request.user)
