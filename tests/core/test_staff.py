"""The kernel's staff pages: who sees which rows, what may be done, and that it is on record."""

from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import reverse

from core.admin import list_changes
from core.audit import record
from core.models import AuditRecord, EventDelivery, Holiday, OutboxEvent
from core.staff import StaffView
from estates.models import Community, Company
from tests.staff import sign_in
from users.models import User
from users.roles import Role

NOW = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.fixture
def spruce(db: None) -> Community:
    return Community.objects.create(
        company=Company.objects.create(name="暖邻物业"), code="spruce", name="云杉苑"
    )


def page(name: str, *args: object) -> str:
    return reverse(f"admin:core_{name}", args=args)


class TestAuditPages:
    @pytest.fixture
    def trail(self, spruce: Community) -> list[AuditRecord]:
        """One act here, one in another company's community."""
        with transaction.atomic():
            return [
                record(
                    action="billing.waive",
                    target="billing.line:42",
                    community_id=community_id,
                    before={"amount": "309.45", "phone": "13812341234"},
                    after={"amount": "267.36", "phone": "13912341234"},
                    reason=reason,
                )
                for community_id, reason in ((spruce.pk, "电梯停了 6 天"), (spruce.pk + 1, "别家的事"))
            ]

    def test_a_manager_sees_her_community_only(self, spruce: Community, trail: list[AuditRecord]) -> None:
        answer = sign_in(Role.MANAGER, spruce).get(page("auditrecord_changelist"))
        assert answer.status_code == 200
        assert "电梯停了 6 天" in answer.content.decode()
        assert "别家的事" not in answer.content.decode()

    def test_a_record_of_another_tenant_is_not_found(
        self, spruce: Community, trail: list[AuditRecord]
    ) -> None:
        client = sign_in(Role.MANAGER, spruce)
        assert client.get(page("auditrecord_change", trail[0].pk)).status_code == 200
        answer = client.get(page("auditrecord_change", trail[1].pk), follow=True)
        assert "别家的事" not in answer.content.decode()

    def test_phones_in_changes_are_masked(self, spruce: Community, trail: list[AuditRecord]) -> None:
        answer = sign_in(Role.MANAGER, spruce).get(page("auditrecord_change", trail[0].pk))
        assert "138****1234 → 139****1234" in answer.content.decode()
        assert "13812341234" not in answer.content.decode()

    def test_a_cashier_is_refused(self, spruce: Community, trail: list[AuditRecord]) -> None:
        assert sign_in(Role.CASHIER, spruce).get(page("auditrecord_changelist")).status_code == 403

    def test_nobody_may_change_or_delete(self, spruce: Community, trail: list[AuditRecord]) -> None:
        client = sign_in(Role.MANAGER, spruce)
        assert client.post(page("auditrecord_change", trail[0].pk), {"reason": "x"}).status_code == 403
        assert client.post(page("auditrecord_delete", trail[0].pk), {"post": "yes"}).status_code == 403

    def test_list_changes_leaves_out_what_stayed(self) -> None:
        before, after = {"a": 1, "b": 2, "c": ""}, {"a": 1, "b": 3, "d": "new"}
        assert list_changes(before, after) == [("b", "2", "3"), ("c", "—", "—"), ("d", "—", "new")]


class TestDeliveries:
    @pytest.fixture
    def dead(self, db: None) -> EventDelivery:
        event = OutboxEvent.objects.create(
            name="payments.received", payload={"payment_id": 7}, relayed_at=NOW
        )
        return EventDelivery.objects.create(
            event=event, subscriber="x.y", state="dead", attempts=5, next_try_at=NOW, last_error="ValueError"
        )

    def replay(self, client: Client, dead: EventDelivery) -> None:
        chosen = {"action": "replay", "_selected_action": [dead.pk]}
        client.post(page("eventdelivery_changelist"), chosen)
        dead.refresh_from_db()

    def test_an_admin_starts_a_dead_one_again(self, spruce: Community, dead: EventDelivery) -> None:
        self.replay(sign_in(Role.COMPANY_ADMIN, spruce), dead)
        assert (dead.state, dead.attempts) == ("pending", 0)

    def test_a_manager_may_not(self, spruce: Community, dead: EventDelivery) -> None:
        self.replay(sign_in(Role.MANAGER, spruce), dead)
        assert dead.state == "dead"

    def test_pages_render(self, spruce: Community, dead: EventDelivery) -> None:
        client = sign_in(Role.COMPANY_ADMIN, spruce)
        assert "payments.received" in client.get(page("eventdelivery_changelist")).content.decode()
        assert "payment_id 7" in client.get(page("eventdelivery_change", dead.pk)).content.decode()
        assert client.get(page("jobrun_changelist")).status_code == 200


class TestHolidays:
    FORM = {"day": "2027-10-01", "name": "国庆节"}

    def test_adding_one_is_on_record(self, spruce: Community) -> None:
        client = sign_in(Role.COMPANY_ADMIN, spruce)
        assert client.post(page("holiday_add"), self.FORM).status_code == 302
        row = AuditRecord.objects.get(action="core.add_holiday")
        assert (row.before, row.after) == (None, {"day": "2027-10-01", "name": "国庆节"})
        assert row.actor_id == User.objects.get(username="company_admin-spruce").pk

    def test_changing_one_keeps_what_it_was(self, spruce: Community) -> None:
        holiday = Holiday.objects.create(day=date(2027, 10, 1), name="国庆")
        sign_in(Role.COMPANY_ADMIN, spruce).post(page("holiday_change", holiday.pk), self.FORM)
        row = AuditRecord.objects.get(action="core.change_holiday")
        assert (row.before, row.after) == ({"name": "国庆"}, {"name": "国庆节"})

    def test_deleting_one_keeps_what_it_was(self, spruce: Community) -> None:
        holiday = Holiday.objects.create(day=date(2027, 10, 1), name="国庆节")
        client = sign_in(Role.COMPANY_ADMIN, spruce)
        client.post(page("holiday_changelist"), {
            "action": "delete_selected", "_selected_action": [holiday.pk], "post": "yes",
        })  # fmt: skip
        assert not Holiday.objects.exists()
        (before,) = AuditRecord.objects.filter(action="core.delete_holiday").values_list("before", flat=True)
        assert before is not None
        assert before["name"] == "国庆节"

    def test_a_manager_looks_but_does_not_add(self, spruce: Community) -> None:
        client = sign_in(Role.MANAGER, spruce)
        assert client.get(page("holiday_changelist")).status_code == 200
        assert client.post(page("holiday_add"), self.FORM).status_code == 403


class TestStaffView:
    def test_stands_in_the_staff_shell(self, spruce: Community) -> None:
        class Desk(StaffView):
            title = "待认领流水"
            lead = "23 笔，最早 5 天前"
            template_name = "staff/page.html"

        request = RequestFactory().get("/admin/desk/")
        request.user = User.objects.create(username="lin", is_staff=True, is_superuser=True)
        answer = Desk.as_view()(request)
        html = answer.render().content.decode()  # type: ignore[attr-defined]
        assert "<h1>待认领流水</h1>" in html
        assert "23 笔，最早 5 天前" in html
        assert 'id="page"' in html  # Unfold's own shell around it
