"""The runs desk: a month opened, looked at, checked by hand, issued, called back; and by whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from billing.domain.lifecycle import StepNotAllowedError
from billing.models import Bill, BillRun, FeeItem, RunChunk, RunSample, TariffVersion
from billing.services.run import bill_chunks, bill_period, issue_run
from billing.tasks import issue_reviewed_run
from core.periods import Period
from estates.models import Unit
from tests.billing.months import NOW, bill_month, bill_of
from tests.billing.village import Village
from tests.staff import member
from users.roles import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


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
    assert manager.post(reverse("billing:start_run"), form).status_code == 422
    assert not BillRun.objects.get().chunks.filter(is_billed=False).exists()


def test_run_page_shows_totals_and_parked_accounts(manager: Client, village: Village) -> None:
    bill_month(village, "2026-10")
    TariffVersion.objects.update(end=date(2026, 11, 1))
    village.tariff(FeeItem.objects.get(), "area", "2.40", start=date(2026, 11, 1))
    run = bill_month(village, issue=False)
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
    bill_month(village, "2026-10")
    item = FeeItem.objects.get()
    TariffVersion.objects.filter(fee_item=item).update(end=date(2026, 11, 1))
    village.tariff(item, "area", "2.40", start=date(2026, 11, 1))
    Unit.objects.filter(code="8-302").update(area_m2="130")
    answer = manager.get(reverse("billing:run", args=[bill_month(village, issue=False).pk]))
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
    run = bill_month(village, issue=False)
    BillRun.objects.filter(pk=run.pk).update(opened_at=timezone.now() - timedelta(days=4))
    (row,) = manager.get(reverse("billing:run", args=[run.pk])).context["problems"]
    assert (row.age, row.move, row.url) == (
        "4 days",
        "Enter the area",
        f"{reverse('admin:estates_unit_changelist')}?q=8-303",
    )


def test_sample_is_drawn_ticked_and_signed(manager: Client, village: Village) -> None:
    run = bill_month(village, issue=False)
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
    run = bill_month(village, issue=False)
    manager.post(reverse("billing:review_run", args=[run.pk]))
    manager.post(reverse("billing:issue_some", args=[run.pk]), {"building": [village.buildings["8"].pk, "x"]})
    assert set(run.bills.values_list("state", flat=True)) == {"issued"}
    manager.post(reverse("billing:recall_run", args=[run.pk]), {"reason": " "})
    assert set(run.bills.values_list("state", flat=True)) == {"issued"}
    page = manager.post(reverse("billing:recall_run", args=[run.pk]), {"reason": "价格错了"}, follow=True)
    assert "The run is recalled." in page.content.decode()
    assert set(run.bills.values_list("state", flat=True)) == {"void"}


def test_sample_of_another_community_is_not_there(village: Village, stranger: Client) -> None:
    run = bill_month(village, issue=False)
    sample = RunSample.objects.create(run=run, seed="a", bill_ids=[], drawn_by="x", drawn_at=NOW)
    assert stranger.get(reverse("billing:sample", args=[sample.pk])).status_code == 404
    assert stranger.post(reverse("billing:draw_sample", args=[run.pk])).status_code == 404
    assert stranger.post(reverse("billing:recall_run", args=[run.pk]), {"reason": "x"}).status_code == 404


def test_review_then_issue(manager: Client, village: Village) -> None:
    run = bill_month(village, issue=False)
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
    run = bill_month(village, issue=False)
    with pytest.raises(StepNotAllowedError):
        issue_run(run=run, day=date(2026, 11, 1), now=NOW, by="x")
    assert "Issue 2 bills" not in manager.get(reverse("billing:run", args=[run.pk])).content.decode()


def test_resume_bills_who_was_parked(manager: Client, village: Village) -> None:
    run = bill_month(village, issue=False)
    village.community.units.filter(code="8-303").update(area_m2="50")
    manager.post(reverse("billing:resume_run", args=[run.pk]))
    assert RunChunk.objects.filter(is_billed=False).count() == 1
    bill_chunks(run)
    assert str(bill_of("8-303").total) == "117.50"


def test_discard_throws_drafts_away(manager: Client, village: Village) -> None:
    run = bill_month(village, issue=False)
    answer: Any = manager.post(reverse("billing:discard_run", args=[run.pk]))
    assert answer.url == reverse("billing:runs")
    assert not Bill.objects.exists()


def test_discard_of_an_issued_run_is_refused_in_words(manager: Client, village: Village) -> None:
    run = bill_month(village)
    answer: Any = manager.post(reverse("billing:discard_run", args=[run.pk]), follow=True)
    assert "This run has been approved. Void single bills instead." in answer.content.decode()
    assert Bill.objects.count() == 2


@pytest.mark.parametrize("verb", ["resume_run", "review_run", "issue_run", "discard_run"])
def test_acts_on_a_run_want_post(manager: Client, village: Village, verb: str) -> None:
    assert (
        manager.get(reverse(f"billing:{verb}", args=[bill_month(village, issue=False).pk])).status_code == 405
    )


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
    run = bill_month(village, issue=False)
    client = member(role, village.community)
    assert client.post(reverse(f"billing:{verb}", args=[run.pk])).status_code == 403
    run.refresh_from_db()
    assert run.state == "draft"


def test_other_peoples_runs_are_not_there(stranger: Client, village: Village) -> None:
    run = bill_month(village)
    assert stranger.get(reverse("billing:run", args=[run.pk])).status_code == 404
    assert stranger.post(reverse("billing:resume_run", args=[run.pk])).status_code == 404
    assert stranger.get(reverse("billing:print_building", args=[run.pk, 0])).status_code == 404
    assert list(stranger.get(reverse("billing:runs")).context["runs"]) == []


def test_runs_take_the_same_queries_for_one_and_three(manager: Client, village: Village) -> None:
    counts = []
    for month in ("2026-09", "2026-10", "2026-11"):
        bill_month(village, month)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            manager.get(reverse("billing:runs"))
        counts.append(len(queries))
    assert counts[1] == counts[2]
