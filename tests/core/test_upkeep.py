from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction

from core.audit import record
from core.models import EventDelivery, OutboxEvent
from core.upkeep import AuditTrailBroken, sweep_outbox, verify_audit_trail

DAY = date(2026, 9, 30)
LAST_KEPT = datetime(2026, 8, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
JUST_OLDER = datetime(2026, 7, 31, 23, 59, 59, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.django_db(transaction=True)
class TestAuditTrail:
    def test_counts_the_chains_that_are_whole(self) -> None:
        for community_id in (1, 2, None):
            with transaction.atomic():
                record(action="x.y", target="z:1", community_id=community_id)
        assert verify_audit_trail(DAY) == {"chains": 3}

    def test_an_altered_row_fails_the_job(self) -> None:
        with transaction.atomic():
            record(action="x.y", target="z:1", community_id=1)
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE core_auditrecord SET reason = 'another'")
            cursor.execute("RESET session_replication_role")
        with pytest.raises(AuditTrailBroken) as error:
            verify_audit_trail(DAY)
        assert [problem.code for problem in error.value.problems] == ["audit.altered"]


@pytest.mark.django_db
class TestSweep:
    @pytest.mark.parametrize(
        ("relayed_at", "states", "deleted"),
        [
            (JUST_OLDER, ["done", "done"], 1),
            (JUST_OLDER, [], 1),
            (LAST_KEPT, ["done"], 0),
            (JUST_OLDER, ["done", "dead"], 0),
            (JUST_OLDER, ["pending"], 0),
            (None, [], 0),
        ],
    )
    def test_only_old_news_that_everybody_heard_goes(
        self, relayed_at: datetime | None, states: list[str], deleted: int
    ) -> None:
        event = OutboxEvent.objects.create(name="x", relayed_at=relayed_at)
        for place, state in enumerate(states):
            EventDelivery.objects.create(
                event=event, subscriber=f"s{place}", state=state, next_try_at=JUST_OLDER
            )
        assert sweep_outbox(DAY) == {"deleted": deleted}
