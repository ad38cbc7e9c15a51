from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from core import audit
from core.audit import AuditOutsideTransaction, record, verify_chain
from core.context import request_context
from core.models import AuditRecord, Holiday

DAY = date(2026, 10, 1)


class Clerk:
    pk = 7

    def __str__(self) -> str:
        return "林会计"


def waive(*, community_id: int | None = 1, reason: str = "lift out of order") -> AuditRecord:
    with transaction.atomic():
        return record(
            action="billing.waive",
            target="billing.line:42",
            by=Clerk(),
            community_id=community_id,
            before={"amount": Decimal("309.45"), "due_on": DAY},
            after={"amount": Decimal("267.36"), "due_on": DAY},
            reason=reason,
        )


@pytest.mark.django_db
class TestRecord:
    def test_says_who_what_and_why(self) -> None:
        row = AuditRecord.objects.get(pk=waive().pk)
        assert (row.actor_id, row.actor) == (7, "林会计")
        assert (row.target_type, row.target_id) == ("billing.line", "42")
        assert row.before == {"amount": "309.45", "due_on": "2026-10-01"}
        assert row.after == {"amount": "267.36", "due_on": "2026-10-01"}

    def test_takes_actor_and_request_from_the_context(self) -> None:
        with request_context(request_id="r-1", actor=Clerk()):
            row = record(action="billing.void", target="billing.bill:1")
        assert (row.actor, row.request_id) == ("林会计", "r-1")

    def test_names_the_row_it_is_about(self) -> None:
        holiday = Holiday.objects.create(day=DAY, name="国庆节")
        row = record(action="core.add_holiday", target=holiday)
        assert (row.target_type, row.target_id) == ("core.holiday", str(holiday.pk))

    def test_an_actor_named_by_a_phone_is_masked(self) -> None:
        class Owner(Clerk):
            def __str__(self) -> str:
                return "owner-13812341234"

        assert record(action="portal.pay", target="x:1", by=Owner()).actor == "owner-138****1234"

    def test_without_an_actor_it_was_the_system(self) -> None:
        row = record(action="night.run", target="core.jobrun:1")
        assert (row.actor_id, row.actor) == (None, "")


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_outside_a_transaction_is_refused(self) -> None:
        with pytest.raises(AuditOutsideTransaction):
            record(action="billing.void", target="billing.bill:1")

    def test_when_the_audit_breaks_the_change_does_not_stay(self) -> None:
        def add_holiday(name: str) -> None:
            with transaction.atomic():
                holiday = Holiday.objects.create(day=DAY, name=name)
                record(action="core.add_holiday", target=holiday, request_id="x" * 65)

        with pytest.raises(DatabaseError):
            add_holiday("国庆节")
        assert not Holiday.objects.exists()
        assert not AuditRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestChain:
    def test_is_numbered_by_community_from_one(self) -> None:
        for community_id in (1, 2, 1, None, 1):
            waive(community_id=community_id)
        numbers = AuditRecord.objects.order_by("pk").values_list("community_id", "number")
        assert list(numbers) == [(1, 1), (2, 1), (1, 2), (None, 1), (1, 3)]
        assert [verify_chain(community) for community in (1, 2, None)] == [[], [], []]

    def test_several_records_of_one_transaction_are_chained(self) -> None:
        with transaction.atomic():
            for _ in range(3):
                record(action="billing.waive", target="billing.line:42", community_id=1)
        assert list(AuditRecord.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]
        assert verify_chain(1) == []

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE core_auditrecord SET reason = 'other'",
            "UPDATE core_auditrecord SET hash = repeat('0', 64)",
            "UPDATE core_auditrecord SET number = NULL",
            "DELETE FROM core_auditrecord",
            "TRUNCATE core_auditrecord",
        ],
    )
    def test_the_database_refuses_to_change_it(self, statement: str) -> None:
        waive()
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute(statement)

    @pytest.mark.parametrize(
        ("statement", "codes"),
        [
            ("UPDATE core_auditrecord SET reason = 'other' WHERE number = 2", ["audit.altered"]),
            ("UPDATE core_auditrecord SET after = '{}' WHERE number = 2", ["audit.altered"]),
            ("UPDATE core_auditrecord SET at = at - interval '1 day' WHERE number = 2", ["audit.altered"]),
            ("DELETE FROM core_auditrecord WHERE number = 2", ["audit.missing"]),
            (
                "UPDATE core_auditrecord SET previous_hash = repeat('0', 64) WHERE number = 2",
                ["audit.broken", "audit.altered"],
            ),
        ],
    )
    def test_verify_chain_finds_what_a_superuser_did(self, statement: str, codes: list[str]) -> None:
        for _ in range(3):
            waive()
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # what somebody with the keys could do
            cursor.execute(statement)
            cursor.execute("RESET session_replication_role")
        assert [problem.code for problem in verify_chain(1)] == codes

    def test_digest_covers_every_field_people_read(self) -> None:
        unsigned = {"id", "at", "digest", "number", "previous_hash", "hash"}
        names = {field.name for field in AuditRecord._meta.fields}
        assert names - unsigned == set(audit.SIGNED)
