"""The API of bill runs (K1): listed, started, reviewed, issued."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import tasks
from billing.domain.lifecycle import next_run_state
from billing.models import BillRun
from billing.selectors.runs import list_problems, list_runs
from billing.services.run import review_run, start_run
from core.access import Requires
from core.api_doors import DeedView, ThingsView, read_words
from core.errors import NotFoundError
from core.periods import Period
from estates.selectors import get_visible_community
from users.acting import acting_user


class RunSerializer(serializers.ModelSerializer[Any]):
    """A billing run; ``parked`` counts accounts that could not be billed."""

    community = serializers.CharField(source="community.code")
    parked = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = BillRun
        fields = [
            "id", "community", "period_start", "period_end", "due_on", "state", "account_count", "bill_count",
            "line_count", "total", "chunk_count", "chunks_done", "parked", "reviewed_by", "opened_at", "issued_at",
        ]  # fmt: skip


class StartRunSerializer(serializers.Serializer[Any]):
    """Which month of which community to bill, as drafts."""

    community = serializers.SlugField()
    period = serializers.RegexField(r"^\d{4}-\d{2}$", help_text="A month, written 2026-09.")


class RunsView(ThingsView):
    """The runs in scope, newest first."""

    permission = "billing.view"
    serializer_class = RunSerializer
    queryset = BillRun.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the runs in scope."""
        return list_runs(self.request.user)


class StartRunView(APIView):
    """Bill a month, as drafts."""

    permission_classes = [Requires]
    permission = "billing.run"

    @extend_schema(request=StartRunSerializer, responses={202: RunSerializer})
    def post(self, request: Request) -> Response:
        """Open the month's run and send it to the workers; the same month twice is the same run."""
        wish = read_words(StartRunSerializer, request)
        community = get_visible_community(request.user, wish["community"])
        period, by = Period.month(wish["period"]), acting_user(request)
        run = start_run(community=community, period=period, now=timezone.now(), by=by, issue=False)
        tasks.send_chunks(run.pk)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class ProblemSerializer(serializers.Serializer[Any]):
    """A parked account, or a remark."""

    unit = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    blocks = serializers.BooleanField()


class RunView(APIView):
    """One run with what it found."""

    permission_classes = [Requires]
    permission = "billing.view"

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """Answer with the run and its problems."""
        run = _find_run(request, pk)
        problems = ProblemSerializer(list_problems(run), many=True).data
        return Response({**RunSerializer(run).data, "problems": problems})


class ReviewRunView(DeedView):
    """Approve a draft run; one that is no draft answers 409."""

    permission = "billing.review"
    serializer_class = RunSerializer
    queryset = BillRun.objects.none()

    def get_queryset(self) -> QuerySet[Any]:
        """Return the runs in scope."""
        return list_runs(self.request.user)

    def act(self, thing: BillRun, words: dict[str, Any]) -> BillRun:
        """Approve it."""
        return review_run(run=thing, by=acting_user(self.request))


class IssueRunView(APIView):
    """Have an approved run issued by the workers."""

    permission_classes = [Requires]
    permission = "billing.issue"

    @extend_schema(request=None, responses={202: RunSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Begin to issue; a run that was not approved answers 409."""
        run = _find_run(request, pk)
        next_run_state(run.state, "issue")
        by = acting_user(request)
        tasks.issue_reviewed_run.delay(run.pk, timezone.localdate().isoformat(), str(by))
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


def _find_run(request: Request, pk: int) -> BillRun:
    run: BillRun | None = list_runs(request.user).filter(pk=pk).first()
    if run is None:
        raise NotFoundError
    return run
