"""The API of vacancies: applied for, inspected with photos, decided by a second person, ended."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.explaining.vacancies import tell_offer
from billing.forms.vacancies import InspectForm
from billing.selectors.vacancies import get_offer_of
from billing.services import vacancies
from core.api_doors import DeedView, ThingsView, ThingView, read_form, read_words
from estates.api import Vacancies, VacancyFilter, VacancySerializer
from estates.selectors import get_visible_unit
from estates.selectors.vacancies import list_unit_meters
from estates.services.vacancies import Inspection, inspect_vacancy, note_seen, refuse_vacancy
from users.acting import acting_user


class OpenedVacancySerializer(VacancySerializer):
    """A vacancy with the meters an inspection reads, and while it is undecided what the rules of today grant."""

    meters = serializers.SerializerMethodField()
    offer = serializers.SerializerMethodField()

    class Meta(VacancySerializer.Meta):
        fields = [*VacancySerializer.Meta.fields, "meters", "offer"]

    def get_meters(self, vacancy: Any) -> list[str]:
        """The codes of the unit's meters."""
        return [meter.code for meter in list_unit_meters(vacancy.unit)]

    def get_offer(self, vacancy: Any) -> str:
        """What the rules grant, in words; empty once it is decided."""
        return tell_offer(get_offer_of(vacancy)) if vacancy.is_open else ""


class ApplySerializer(serializers.Serializer[Any]):
    """Which unit has been empty since when, and why."""

    community = serializers.SlugField()
    unit = serializers.CharField(max_length=40)
    empty_since = serializers.DateField()
    reason = serializers.CharField(max_length=200)


class ShownSerializer(serializers.Serializer[Any]):
    """What a meter shows."""

    meter = serializers.CharField(max_length=40)
    value = serializers.DecimalField(max_digits=14, decimal_places=4)


class InspectionSerializer(serializers.Serializer[Any]):
    """What somebody found in the unit, and what its meters show; photos come as parts of a form."""

    on = serializers.DateField()
    findings = serializers.CharField(max_length=1000)
    readings = ShownSerializer(many=True, required=False, default=list)
    photos = serializers.ListField(child=serializers.FileField(), required=False, default=list)


class DecisionSerializer(serializers.Serializer[Any]):
    """The reason of a decision, shown to the applicant; required for a refusal."""

    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class EndSerializer(serializers.Serializer[Any]):
    """From which day on the unit is used again, and how we know."""

    on = serializers.DateField()
    because = serializers.CharField(max_length=200)


class VacanciesView(Vacancies, ThingsView):
    """The vacancies in scope, newest first; a POST applies for one."""

    filterset_class = VacancyFilter

    @extend_schema(request=ApplySerializer, responses={201: VacancySerializer})
    def post(self, request: Request) -> Response:
        """Write an application down; a unit out of scope is a 404."""
        wish = read_words(ApplySerializer, request)
        made = vacancies.apply(
            unit=get_visible_unit(request.user, wish["community"], wish["unit"]),
            empty_since=wish["empty_since"],
            reason=wish["reason"],
            by=acting_user(request),
            now=timezone.now(),
        )
        return Response(VacancySerializer(made).data, status=status.HTTP_201_CREATED)


class VacancyView(Vacancies, ThingView):
    """One vacancy, and what the rules grant."""

    serializer_class = OpenedVacancySerializer


class InspectView(Vacancies, DeedView):
    """Writing down what an inspection found; the values of the meters become readings of that day.

    As JSON, or with photos as a form: ``readings[0]meter``, ``readings[0]value``, and ``photos`` once for each.
    """

    words_class = InspectionSerializer
    parser_classes = [JSONParser, MultiPartParser]

    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """Check the words as the page does, and write them down."""
        meters = list_unit_meters(thing.unit)
        shown = {row["meter"]: row["value"] for row in words["readings"]}
        unknown = shown.keys() - {meter.code for meter in meters}
        if unknown:
            raise serializers.ValidationError({"readings": f"No meter of this unit: {', '.join(unknown)}."})
        typed = {f"meter-{meter.pk}": shown.get(meter.code) for meter in meters}
        photos = MultiValueDict({"photos": words["photos"]})
        form = InspectForm({**words, **typed}, photos, meters=meters, today=timezone.localdate())
        found = read_form(form)
        inspection = Inspection(found["on"], found["findings"], form.readings, found["photos"])
        return inspect_vacancy(
            vacancy=thing, inspection=inspection, by=acting_user(self.request), now=timezone.now()
        )


class ApproveView(Vacancies, DeedView):
    """Agreeing to an inspected application; bills made since its first day are put right."""

    permission = "billing.approve"
    words_class = DecisionSerializer

    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """Approve it."""
        by, now = acting_user(self.request), timezone.now()
        return vacancies.approve(vacancy=thing, reason=words["reason"], by=by, now=now)


class RefuseView(Vacancies, DeedView):
    """Saying no, with the reason; the full fee stays due."""

    permission = "billing.approve"
    words_class = DecisionSerializer

    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """Refuse it."""
        by, now = acting_user(self.request), timezone.now()
        return refuse_vacancy(vacancy=thing, reason=words["reason"], by=by, now=now)


class EndView(Vacancies, DeedView):
    """Ending a vacancy because somebody says that the unit is used; bills made since that day are put right."""

    permission = "billing.correct"
    words_class = EndSerializer

    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """End it."""
        by, now = acting_user(self.request), timezone.now()
        return vacancies.end_by_word(vacancy=thing, on=words["on"], because=words["because"], by=by, now=now)


class SeenView(Vacancies, DeedView):
    """Taking a vacancy that use has ended off the work list."""

    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """Note who looked."""
        return note_seen(vacancy=thing, by=acting_user(self.request), now=timezone.now())
