"""A month from the runs desk to a printed bill; who may do what, and other people's communities are not there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.domain.lifecycle import StepNotAllowedError
from billing.models import Bill, BillRun, FeeItem, RunChunk, RunSample, TariffVersion
from billing.services.run import bill_chunks, bill_period, issue_run
from billing.tasks import issue_reviewed_run
from core.models import AuditRecord
from core.periods import Period
from estates.models import Unit
from tests.billing.village import Village
from tests.core.pdf import count_pages
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)
HEAD = "code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def village() -> Village:
    """Two flats at 2.35, and one whose area nobody knows."""
    village = Village()
    village.unit("8-301", "89.56")
    village.unit("8-302", "120")
    village.unit("8-303", None)
    village.tariff(village.fee("物业费"), "area", "2.35")
    return village


@pytest.fixture
def manager(village: Village) -> Client:
    return member(Role.MANAGER, village.community)


@pytest.fixture
def stranger() -> Client:
    return member(Role.COMPANY_ADMIN, Village("elsewhere").community, "stranger")


def draft(village: Village, month: str = "2026-11") -> BillRun:
    period = Period.month(month)
    bill_period(community=village.community, period=period, now=NOW, by="test", issue=False)
    return BillRun.objects.get(period_start=period.start)


def issued(village: Village, month: str = "2026-11") -> BillRun:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="test")
    return BillRun.objects.get(period_start=Period.month(month).start)


def bill_of(room: str, month: int = 11) -> Bill:
    found: Bill = Bill.objects.get(account__unit__code=room, period_start=date(2026, month, 1))
    return found


# Runs -----------------------------------------------------------------------------------------------------


def test_start_run_opens_it_and_shows_how_far_it_is(manager: Client, village: Village) -> None:
    answer: Any = manager.post(
        reverse("billing:start_run"), {"community": village.community.pk, "period": "2026-11"}
    )
    run = BillRun.objects.get()
    assert answer.url == reverse("billing:run", args=[run.pk])
    page = manager.get(answer.url).content.decode()
    assert f'hx-get="{reverse("billing:run_progress", args=[run.pk])}"' in page
    bill_chunks(run)
    progress = manager.get(reverse("billing:run_progress", args=[run.pk]))
    assert progress.headers["HX-Refresh"] == "true"
    assert "hx-get" not in progress.content.decode()


@pytest.mark.parametrize("period", ["2026-13", "November", ""])
def test_start_run_refuses_what_is_no_month(manager: Client, village: Village, period: str) -> None:
    form = {"community": village.community.pk, "period": period}
    assert manager.post(reverse("billing:start_run"), form).status_code == 422
    assert not BillRun.objects.exists()


def test_start_run_refuses_drafts_in_an_issued_month(manager: Client, village: Village) -> None:
    bill_period(community=village.community, period=Period.month("2026-10"), now=NOW, by="test")
    form = {"community": village.community.pk, "period": "2026-10"}
    assert manager.post(reverse("billing:start_run"), form).status_code == 409
    assert not BillRun.objects.get().chunks.filter(is_billed=False).exists()


def test_run_page_shows_totals_and_parked_accounts(manager: Client, village: Village) -> None:
    issued(village, "2026-10")
    TariffVersion.objects.update(end=date(2026, 11, 1))
    village.tariff(FeeItem.objects.get(), "area", "2.40", start=date(2026, 11, 1))
    run = draft(village)
    answer = manager.get(reverse("billing:run", args=[run.pk]))
    page = answer.content.decode()
    (item,) = answer.context["items"]
    assert (item.name, str(item.now), str(item.before), str(item.change)) == (
        "物业费",
        "502.94",
        "492.47",
        "10.47",
    )
    assert [row.problem.unit for row in answer.context["problems"]] == ["8-303"]
    assert "Approve" in page
    assert "Issue 2 bills" not in page


def test_run_page_says_why_it_differs_and_who_changed_most(manager: Client, village: Village) -> None:
    issued(village, "2026-10")
    item = FeeItem.objects.get()
    TariffVersion.objects.filter(fee_item=item).update(end=date(2026, 11, 1))
    village.tariff(item, "area", "2.40", start=date(2026, 11, 1))
    Unit.objects.filter(code="8-302").update(area_m2="130")
    answer = manager.get(reverse("billing:run", args=[draft(village).pk]))
    assert [(row.name, row.accounts, str(row.amount)) for row in answer.context["causes"]] == [
        ("Price", 2, "10.97"),  # 214.94 − 210.47 = 4.47, and 130 × 0.05 = 6.50
        ("Area", 1, "23.50"),  # 10 × 2.35
    ]
    assert str(answer.context["causes_total"]) == "34.47"
    outliers = [(row.outlier.unit, row.why) for row in answer.context["outliers"]]
    assert outliers == [
        ("8-302", "Area +23.50\N{NO-BREAK SPACE}yuan; Price +6.50\N{NO-BREAK SPACE}yuan"),
        ("8-301", "Price +4.47\N{NO-BREAK SPACE}yuan"),
    ]


def test_parked_account_shows_its_age_and_its_next_move(manager: Client, village: Village) -> None:
    run = draft(village)
    BillRun.objects.filter(pk=run.pk).update(opened_at=timezone.now() - timedelta(days=4))
    (row,) = manager.get(reverse("billing:run", args=[run.pk])).context["problems"]
    assert (row.age, row.move, row.url) == (
        "4 days",
        "Enter the area",
        f"{reverse('admin:estates_unit_changelist')}?q=8-303",
    )


def test_sample_is_drawn_ticked_and_signed(manager: Client, village: Village) -> None:
    run = draft(village)
    answer = manager.post(reverse("billing:draw_sample", args=[run.pk]), {"count": "2"})
    sample = RunSample.objects.get()
    url = reverse("billing:sample", args=[sample.pk])
    assert (answer.headers["Location"], len(sample.bill_ids)) == (url, 2)
    page = manager.get(url).content.decode()
    assert "89.56" in page
    assert "210.47" in page
    manager.post(url, {"right": sample.bill_ids[:1]})
    sample.refresh_from_db()
    assert sample.signed_at is None
    manager.post(url, {"right": sample.bill_ids})
    sample.refresh_from_db()
    assert (sample.is_right, sample.signed_by) == (True, "manager")
    assert "all right" in manager.get(reverse("billing:run", args=[run.pk])).content.decode()


def test_some_buildings_are_issued_and_the_run_recalled(manager: Client, village: Village) -> None:
    run = draft(village)
    manager.post(reverse("billing:review_run", args=[run.pk]))
    manager.post(reverse("billing:issue_some", args=[run.pk]), {"building": [village.buildings["8"].pk, "x"]})
    assert set(run.bills.values_list("state", flat=True)) == {"issued"}
    manager.post(reverse("billing:recall_run", args=[run.pk]), {"reason": " "})
    assert set(run.bills.values_list("state", flat=True)) == {"issued"}
    page = manager.post(reverse("billing:recall_run", args=[run.pk]), {"reason": "价格错了"}, follow=True)
    assert "The run is recalled." in page.content.decode()
    assert set(run.bills.values_list("state", flat=True)) == {"void"}


def test_sample_of_another_community_is_not_there(village: Village, stranger: Client) -> None:
    run = draft(village)
    sample = RunSample.objects.create(run=run, seed="a", bill_ids=[], drawn_by="x", drawn_at=NOW)
    assert stranger.get(reverse("billing:sample", args=[sample.pk])).status_code == 404
    assert stranger.post(reverse("billing:draw_sample", args=[run.pk])).status_code == 404
    assert stranger.post(reverse("billing:recall_run", args=[run.pk]), {"reason": "x"}).status_code == 404


def test_review_then_issue(manager: Client, village: Village) -> None:
    run = draft(village)
    manager.post(reverse("billing:review_run", args=[run.pk]))
    run.refresh_from_db()
    assert (run.state, run.reviewed_by) == ("reviewed", "manager")
    assert "Issue 2 bills" in manager.get(reverse("billing:run", args=[run.pk])).content.decode()
    manager.post(reverse("billing:issue_run", args=[run.pk]))
    issue_reviewed_run(run.pk, "2026-11-01", "manager")  # what the worker does with the task
    run.refresh_from_db()
    assert run.state == "issued"
    assert set(Bill.objects.values_list("state", flat=True)) == {"issued"}


def test_issue_without_review_is_refused_in_words(manager: Client, village: Village) -> None:
    run = draft(village)
    with pytest.raises(StepNotAllowedError):
        issue_run(run=run, day=date(2026, 11, 1), now=NOW, by="x")
    assert "Issue 2 bills" not in manager.get(reverse("billing:run", args=[run.pk])).content.decode()


def test_resume_bills_who_was_parked(manager: Client, village: Village) -> None:
    run = draft(village)
    village.community.units.filter(code="8-303").update(area_m2="50")
    manager.post(reverse("billing:resume_run", args=[run.pk]))
    assert RunChunk.objects.filter(is_billed=False).count() == 1
    bill_chunks(run)
    assert str(bill_of("8-303").total) == "117.50"


def test_discard_throws_drafts_away(manager: Client, village: Village) -> None:
    run = draft(village)
    answer: Any = manager.post(reverse("billing:discard_run", args=[run.pk]))
    assert answer.url == reverse("billing:runs")
    assert not Bill.objects.exists()


def test_discard_of_an_issued_run_is_refused_in_words(manager: Client, village: Village) -> None:
    run = issued(village)
    answer: Any = manager.post(reverse("billing:discard_run", args=[run.pk]), follow=True)
    assert "This run has been approved. Void single bills instead." in answer.content.decode()
    assert Bill.objects.count() == 2


@pytest.mark.parametrize("verb", ["resume_run", "review_run", "issue_run", "discard_run"])
def test_acts_on_a_run_want_post(manager: Client, village: Village, verb: str) -> None:
    assert manager.get(reverse(f"billing:{verb}", args=[draft(village).pk])).status_code == 405


@pytest.mark.parametrize(
    ("role", "verb"),
    [
        (Role.CASHIER, "review_run"),
        (Role.CASHIER, "issue_run"),
        (Role.FINANCE, "issue_run"),
        (Role.FINANCE, "discard_run"),
        (Role.ENGINEER, "resume_run"),
    ],
)
def test_roles_without_the_right_are_refused(village: Village, role: Role, verb: str) -> None:
    run = draft(village)
    client = member(role, village.community)
    assert client.post(reverse(f"billing:{verb}", args=[run.pk])).status_code == 403
    run.refresh_from_db()
    assert run.state == "draft"


def test_other_peoples_runs_are_not_there(stranger: Client, village: Village) -> None:
    run = issued(village)
    assert stranger.get(reverse("billing:run", args=[run.pk])).status_code == 404
    assert stranger.post(reverse("billing:resume_run", args=[run.pk])).status_code == 404
    assert stranger.get(reverse("billing:print_building", args=[run.pk, 0])).status_code == 404
    assert list(stranger.get(reverse("billing:runs")).context["runs"]) == []


def test_runs_take_the_same_queries_for_one_and_three(manager: Client, village: Village) -> None:
    counts = []
    for month in ("2026-09", "2026-10", "2026-11"):
        issued(village, month)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            manager.get(reverse("billing:runs"))
        counts.append(len(queries))
    assert counts[1] == counts[2]


# Bills ----------------------------------------------------------------------------------------------------


def test_bill_page_opens_every_line(manager: Client, village: Village) -> None:
    issued(village)
    bill = bill_of("8-301")
    page = manager.get(reverse("billing:bill", args=[bill.number])).content.decode()
    assert "89.56 × 2.35 = 210.466" in page
    assert "rounded half-up to the fen" in page
    assert bill.account.payer.name not in page


def test_altered_line_is_told_on_the_page(manager: Client, village: Village) -> None:
    issued(village)
    bill = bill_of("8-301")
    bill.lines.update(inputs={**bill.lines.get().inputs, "area": "1.0000"})
    page = manager.get(reverse("billing:bill", args=[bill.number])).content.decode()
    assert "The sum done again does not come to the billed amount." in page


def test_bill_is_printed_and_that_is_noted(manager: Client, village: Village) -> None:
    issued(village)
    bill = bill_of("8-301")
    answer = manager.get(reverse("billing:bill_pdf", args=[bill.number]))
    assert (answer.headers["Content-Type"], count_pages(answer.content)) == ("application/pdf", 1)
    page = manager.get(reverse("billing:bill", args=[bill.number]))
    assert [(row.what, row.state, row.detail) for row in page.context["delivered"]] == [
        ("On paper", "printed", "manager")
    ]


def test_building_is_printed_in_walking_order(manager: Client, village: Village) -> None:
    run = issued(village)
    building = village.buildings["8"].pk
    answer = manager.get(reverse("billing:print_building", args=[run.pk, building]))
    assert count_pages(answer.content) == 2
    record = AuditRecord.objects.get(action="billing.print_bills")
    assert record.after == {"bills": [bill_of("8-301").pk, bill_of("8-302").pk]}


def test_building_without_issued_bills_has_nothing_to_print(manager: Client, village: Village) -> None:
    run = draft(village)
    assert manager.get(reverse("billing:print_building", args=[run.pk, 0])).status_code == 404


def test_other_peoples_bills_are_not_there(stranger: Client, village: Village) -> None:
    issued(village)
    number = bill_of("8-301").number
    for name in ("bill", "bill_pdf", "ask_correction"):
        assert stranger.get(reverse(f"billing:{name}", args=[number])).status_code == 404
    assert number not in stranger.get(reverse("admin:billing_bill_changelist")).content.decode()


def test_list_of_bills_takes_the_same_queries_for_one_and_three(manager: Client, village: Village) -> None:
    address, counts = reverse("admin:billing_bill_changelist"), []
    manager.get(address)
    for month in ("2026-09", "2026-10", "2026-11"):
        issued(village, month)
        with CaptureQueriesContext(connection) as queries:
            page = manager.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[2]
    assert page.content.decode().count("210.47") == 6  # total and outstanding of three bills


# Tariffs --------------------------------------------------------------------------------------------------


def upload(client: Client, village: Village, text: str) -> Any:
    file = SimpleUploadedFile("收费标准.csv", f"{HEAD}\n{text}".encode())
    return client.post(reverse("billing:tariff_upload"), {"community": village.community.pk, "file": file})


def test_tariff_file_is_looked_at_and_then_taken_in(manager: Client, village: Village) -> None:
    sent = upload(
        manager,
        village,
        "parking,车位费,month,advance,fixed,80,kind:车位,2026-01-01,,\nwater,水费,month,arrears,meter,3.45,*,2026-01-01,,",
    )
    preview = manager.get(sent.url)
    assert [version["name"] for version in preview.context["versions"]] == ["车位费"]
    assert [problem.code for problem in preview.context["problems"]] == ["meter_notation"]
    assert not FeeItem.objects.filter(code="parking").exists()
    manager.post(sent.url)
    assert FeeItem.objects.filter(code="parking").exists()
    assert manager.get(sent.url).status_code == 404


def test_tariff_file_that_is_none_is_refused_in_words(manager: Client, village: Village) -> None:
    answer: Any = manager.post(
        reverse("billing:tariff_upload"),
        {"community": village.community.pk, "file": SimpleUploadedFile("t.csv", b"a,b\n1,2\n")},
    )
    assert answer.status_code == 422
    assert "No sheet of the file holds a table of tariffs" in answer.content.decode()


def version_form(item: FeeItem, **changes: object) -> dict[str, object]:
    fields = {
        "fee_item": item.pk,
        "applies_to": "*",
        "method": "area",
        "price_text": "2.60",
        "rounding": "fen",
        "start": "2026-12-01",
        "last_day": "",
    }
    return {**fields, **changes}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "The days overlap with the tariff in force from 2020-01-01"),
        ({"applies_to": "building:9"}, "There is no building “9” in the register."),
        ({"method": "meter"}, "“2.60” should name the meter and the price, like water;3.45."),
        ({"applies_to": "unit:8-301", "last_day": "2026-11-30"}, "lies before the first day"),
    ],
)
def test_typed_tariff_is_judged_like_a_file(
    manager: Client, village: Village, changes: dict[str, object], told: str
) -> None:
    form = version_form(FeeItem.objects.get(), **changes)
    page = manager.post(reverse("admin:billing_tariffversion_add"), form).content.decode()
    assert told in page
    assert TariffVersion.objects.count() == 1


def test_typed_tariff_is_kept_and_audited(manager: Client, village: Village) -> None:
    form = version_form(FeeItem.objects.get(), applies_to="kind:shop", last_day="2026-12-31")
    answer: Any = manager.post(reverse("admin:billing_tariffversion_add"), form)
    version = TariffVersion.objects.get(applies_to="kind:shop")
    assert answer.status_code == 302
    assert (str(version.price), version.end) == ("2.600000", date(2027, 1, 1))
    assert AuditRecord.objects.filter(action="billing.keep_tariff_version").count() == 1


def test_fee_item_keeps_its_cycle_and_changes_its_rank(manager: Client, village: Village) -> None:
    item = FeeItem.objects.get()
    form = {"name": "物业服务费", "rank": "5", "tax_rate": "0.06", "tax_code": "", "cycle": "year"}
    manager.post(reverse("admin:billing_feeitem_change", args=[item.pk]), form | {
        "versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0",
        "posting_profiles-TOTAL_FORMS": "0", "posting_profiles-INITIAL_FORMS": "0",
    })  # fmt: skip
    item.refresh_from_db()
    assert (item.name, item.rank, str(item.tax_rate), item.cycle) == ("物业服务费", 5, "0.0600", "month")


@pytest.mark.parametrize(
    "name",
    ["bill", "chargeaccount", "feeitem", "tariffversion", "poolresult", "runproblem"],
)
def test_lists_open_for_readers_and_not_for_others(village: Village, name: str) -> None:
    issued(village)
    address = reverse(f"admin:billing_{name}_changelist")
    assert member(Role.CASHIER, village.community).get(address).status_code == 200
    assert member(Role.ENGINEER, village.community).get(address).status_code == 403
