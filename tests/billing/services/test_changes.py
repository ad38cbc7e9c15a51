"""Changes of units by file: register, accounts and bills of days gone by; second person, problems, twice = once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from billing.domain.requests import RequestDecidedError
from billing.models import Bill, ChargeAccount, ChargeLine, FeeItem, LateFeePause, UnitChange, Waiver
from billing.selectors.explained import explain_bill
from billing.selectors.outstanding import account_balance
from billing.services.approval import SamePersonError
from billing.services.changes import (
    ChangesOutcome,
    approve_change,
    import_changes,
    preview_changes,
    refuse_change,
)
from billing.services.changes.importing import MayNotApproveError, NoChangesError, request_changes
from billing.services.run import bill_period
from core.periods import Period
from core.tables.reader import OpenedFile
from estates.models import Occupancy, Person, Unit, UnitArea, VacancyEntitlement
from ledger.selectors import get_imbalance
from tests.billing.village import Village
from tests.core.workbooks import write_csv
from tests.estates.conftest import csv_file
from tests.staff import hire
from users.models import User
from users.roles import Role

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
HEAD = ["kind", "unit", "from", "to", "value", "name", "phone", "reason"]
SALE = ["transfer", "8-301", "2026-11-16", "", "", "王五", "13800138000", "买卖合同"]


@pytest.fixture
def village() -> Village:
    village = Village()
    village.tariff(village.fee("物业费"), "area", "2.35")
    FeeItem.objects.update(honours_vacancy=True)
    village.unit("8-301", "89.57")
    village.unit("8-302", "100")
    return village


@pytest.fixture
def manager(village: Village) -> User:
    return hire(Role.MANAGER, village.community, "jingli")


def table(*rows: list[str]) -> OpenedFile:
    return csv_file([HEAD, *rows], "变更.csv")


def take(village: Village, approver: User, *rows: list[str], by: Any = "前台") -> ChangesOutcome:
    return import_changes(
        community=village.community, file=table(*rows), approved_by=approver, by=by, now=NOW
    )


def bill(village: Village, month: str = "2026-11", *, issue: bool = True) -> None:
    bill_period(community=village.community, period=Period.month(month), now=NOW, by="t", issue=issue)


def counts(outcome: ChangesOutcome) -> list[int]:
    return [outcome.counts[fate] for fate in ("created", "updated", "unchanged", "rejected")]


def owed(unit: str) -> dict[str, str]:
    """What each payer of a unit is asked for, by name."""
    accounts = ChargeAccount.objects.filter(unit__code=unit).select_related("payer").order_by("start")
    return {a.payer.name.split()[0]: str(account_balance(a.pk).outstanding) for a in accounts}


# Transfers ----------------------------------------------------------------------------------------------


def test_transfer_before_the_bill_makes_two_lines_that_sum_to_the_whole(
    village: Village, manager: User
) -> None:
    assert counts(take(village, manager, SALE)) == [1, 0, 0, 0]
    bill(village)
    assert owed("8-301") == {"张三": "105.25", "王五": "105.24"}


def test_transfer_after_the_bill_is_the_same_by_corrections(village: Village, manager: User) -> None:
    bill(village)
    outcome = take(village, manager, SALE)
    assert (counts(outcome), outcome.difference) == ([1, 0, 0, 0], Decimal("0.00"))
    assert owed("8-301") == {"张三": "105.25", "王五": "105.24"}
    reduction = Waiver.objects.get()
    assert (reduction.kind, str(reduction.amount), reduction.approved_by) == (
        "correction",
        "105.24",
        "jingli",
    )
    correction = Bill.objects.get(schedule="correction")
    line = correction.lines.get()
    assert (line.period_start, line.period_end) == (date(2026, 11, 16), date(2026, 12, 1))
    assert explain_bill(correction.pk).lines[0].explanation.agrees
    assert get_imbalance() == Decimal("0.00")


def test_transfer_after_the_bill_is_not_billed_again_by_another_pass_over_the_month(
    village: Village, manager: User
) -> None:
    """P-03: the night goes over an issued month again for accounts that came late; the buyer's is no such one."""
    bill(village)
    take(village, manager, SALE)
    bill(village)
    assert owed("8-301") == {"张三": "105.25", "王五": "105.24"}
    bill(village, "2026-12")
    assert owed("8-301") == {"张三": "105.25", "王五": "315.73"}


def test_transfer_of_a_quarter_in_advance(village: Village, manager: User) -> None:
    FeeItem.objects.update(cycle="quarter")
    bill(village, "2026-10")
    take(village, manager, ["transfer", "8-302", "2026-11-16", "", "", "王五", "", ""])
    assert owed("8-302") == {"张三": "352.50", "王五": "352.50"}


def test_old_debts_stay_with_the_old_owner(village: Village, manager: User) -> None:
    bill(village, "2026-10")
    bill(village)
    take(village, manager, SALE)
    assert owed("8-301") == {"张三": "315.74", "王五": "105.24"}


def test_transfer_in_a_draft_makes_the_draft_anew(village: Village, manager: User) -> None:
    bill(village, issue=False)
    take(village, manager, SALE)
    bill(village)
    assert owed("8-301") == {"张三": "105.25", "王五": "105.24"}
    assert not Bill.objects.filter(schedule="correction").exists()


def test_transfer_twice_is_once(village: Village, manager: User) -> None:
    bill(village)
    take(village, manager, SALE)
    assert counts(take(village, manager, SALE)) == [0, 0, 1, 0]
    assert (Waiver.objects.count(), Bill.objects.count(), UnitChange.objects.count()) == (1, 3, 1)


def test_a_unit_may_change_hands_twice_in_one_file(village: Village, manager: User) -> None:
    village.tariff(village.fee("车位费"), "fixed", "300")
    bill(village)
    again = ["transfer", "8-302", "2026-11-21", "", "", "赵六", "", ""]
    take(village, manager, ["transfer", "8-302", "2026-11-11", "", "", "王五", "", ""], again)
    assert owed("8-302") == {"张三": "178.34", "王五": "178.33", "赵六": "178.33"}


def test_transfer_ends_the_household_and_keeps_the_tenant(village: Village, manager: User) -> None:
    unit = Unit.objects.get(code="8-301")
    for name, role in (("家人", "family"), ("租客", "tenant")):
        person = Person.objects.create(company=village.company, name=name)
        Occupancy.objects.create(unit=unit, person=person, role=role, start=date(2026, 1, 1))
    take(village, manager, SALE)
    held = Occupancy.objects.on(date(2026, 11, 16)).filter(unit=unit).values_list("person__name", flat=True)
    assert sorted(held) == ["王五", "租客"]


def test_transfer_where_a_tenant_pays_leaves_the_account(village: Village, manager: User) -> None:
    unit = village.unit("8-303", "100", owner=None)
    owner = Person.objects.create(company=village.company, name="房东")
    Occupancy.objects.create(unit=unit, person=owner, role="owner", start=date(2026, 1, 1))
    tenant = Person.objects.create(company=village.company, name="租客")
    Occupancy.objects.create(unit=unit, person=tenant, role="tenant", is_payer=True, start=date(2026, 1, 1))
    bill(village)
    take(village, manager, ["transfer", "8-303", "2026-11-16", "", "", "王五", "", ""])
    assert owed("8-303") == {"租客": "235.00"}


def test_owner_who_was_never_marked_as_payer_pays_until_the_transfer(village: Village, manager: User) -> None:
    Occupancy.objects.update(is_payer=False)
    bill(village)
    take(village, manager, SALE)
    bill(village, "2026-12")
    assert owed("8-301") == {"张三": "105.25", "王五": "315.73"}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["transfer", "8-301", "2019-12-31", "", "", "王五", "", ""], "later_owner"),
        (["transfer", "8-304", "2026-11-16", "", "", "王五", "", ""], "no_owner_before"),
        (["pause", "8-304", "2026-11-16", "", "", "", "", ""], "no_account"),
        (["transfer", "8-301", "2026-11-16", "2026-12-01", "", "王五", "", ""], "transfer_for_good"),
        (["transfer", "8-301", "2026-11-16", "", "", "", "", ""], "missing"),
        (["transfer", "8-301", "", "", "", "王五", "", ""], "missing"),
        (["transfer", "8-301", "2026-11-31", "", "", "王五", "", ""], "no_such_date"),
        (["transfer", "8-301", "2026-11-16", "", "", "王五", "123", ""], "odd_phone"),
        (["sale", "8-301", "2026-11-16", "", "", "王五", "", ""], "unknown_change"),
        (["vacancy", "9-301", "2026-11-16", "", "0.7", "", "", ""], "no_such_unit"),
        (["vacancy", "8-301", "2026-11-16", "", "", "", "", ""], "missing"),
        (["vacancy", "8-301", "2026-11-16", "", "1.1", "", "", ""], "share_outside"),
        (["vacancy", "8-301", "2026-11-16", "2026-11-15", "0.7", "", "", ""], "ends_before_start"),
        (["vacancy", "8-301", "2026-11-16", "", "0.70001", "", "", ""], "too_fine"),
        (["area", "8-301", "2026-11-16", "", "0", "", "", ""], "area_absurd"),
        (["area", "8-301", "2026-11-16", "", "八十九", "", "", ""], "letters_in_number"),
    ],
)
def test_bad_rows_are_told_and_left_out(village: Village, manager: User, row: list[str], code: str) -> None:
    village.unit("8-304", owner=None)
    outcome = take(village, manager, row, ["area", "8-302", "2026-11-01", "", "101", "", "", ""])
    assert counts(outcome) == [1, 0, 0, 1]
    (problem,) = [problem for problem in outcome.problems if problem.blocks]
    assert (problem.code, problem.where["row"]) == (code, 2)
    assert problem.message


def test_rows_that_contradict_each_other(village: Village, manager: User) -> None:
    rows = (["area", "8-302", "2026-11-01", "", value, "", "", ""] for value in ("101", "102"))
    outcome = take(village, manager, *rows)
    assert (counts(outcome), [p.code for p in outcome.problems]) == ([1, 0, 0, 1], ["row_disagrees"])


# Areas and vacancies ------------------------------------------------------------------------------------


def test_measured_area_with_effect_back_to_a_date(village: Village, manager: User) -> None:
    for month in ("2026-09", "2026-10", "2026-11"):
        bill(village, month)
    outcome = take(village, manager, ["area", "8-302", "2026-10-01", "", "98.50", "", "", "实测"])
    assert (counts(outcome), outcome.difference) == ([1, 0, 0, 0], Decimal("-7.04"))
    assert owed("8-302") == {"张三": "697.96"}  # 235.00, and 98.50 × 2.35 = 231.48 twice
    assert UnitArea.objects.get().approved_by == "jingli"


def test_measured_area_that_is_larger_asks_for_the_rest(village: Village, manager: User) -> None:
    bill(village)
    assert take(
        village, manager, ["面积", "8-302", "2026/11/16", "", "110㎡", "", "", ""]
    ).difference == Decimal("11.75")
    assert owed("8-302") == {"张三": "246.75"}


def test_measured_area_until_a_day(village: Village, manager: User) -> None:
    take(village, manager, ["area", "8-302", "2026-11-01", "2026-11-15", "110", "", "", ""])
    bill(village)
    assert owed("8-302") == {"张三": "246.75"}


def test_area_measured_again_corrects_the_correction(village: Village, manager: User) -> None:
    bill(village)
    take(village, manager, ["area", "8-302", "2026-11-01", "", "110", "", "", ""])
    assert owed("8-302") == {"张三": "258.50"}
    outcome = take(village, manager, ["area", "8-302", "2026-11-01", "", "90", "", "", ""])
    assert counts(outcome) == [0, 1, 0, 0]
    assert owed("8-302") == {"张三": "211.50"}


def test_vacancy_by_days_and_after_the_bill(village: Village, manager: User) -> None:
    bill(village)
    row = ["空置", "8-302", "2026-11-11", "2026-12-31", "70%", "", "", "半年无人居住"]
    assert take(village, manager, row).difference == Decimal("-47.00")
    bill(village, "2026-12")
    bill(village, "2027-01")
    assert owed("8-302") == {"张三": "587.50"}  # 188.00 + 164.50 + 235.00
    entitlement = VacancyEntitlement.objects.get()
    assert (entitlement.end, entitlement.decided_by) == (date(2027, 1, 1), "jingli")


def test_vacancies_of_one_unit_do_not_overlap(village: Village, manager: User) -> None:
    take(village, manager, ["vacancy", "8-302", "2026-11-01", "", "0.7", "", "", ""])
    outcome = take(village, manager, ["vacancy", "8-302", "2026-12-01", "", "0.5", "", "", ""])
    assert [problem.code for problem in outcome.problems] == ["vacancy_overlaps"]


def test_pause_of_the_late_fee(village: Village, manager: User) -> None:
    bill(village)
    row = ["pause", "8-302", "2026-11-20", "2026-12-20", "", "", "", "漏水未修"]
    assert counts(take(village, manager, row)) == [1, 0, 0, 0]
    assert counts(take(village, manager, row)) == [0, 0, 1, 0]
    pause = LateFeePause.objects.get()
    assert (pause.last_day, pause.reason, pause.approved_by) == (date(2026, 12, 20), "漏水未修", "jingli")


# Two people ---------------------------------------------------------------------------------------------


def test_importer_does_not_approve(village: Village, manager: User) -> None:
    with pytest.raises(SamePersonError):
        take(village, manager, SALE, by=manager)
    with pytest.raises(MayNotApproveError):
        take(village, hire(Role.CASHIER, village.community, "shouyin"), SALE)
    with pytest.raises(MayNotApproveError):
        take(village, hire(Role.MANAGER, Village("b").community, "waiban"), SALE)
    assert not UnitChange.objects.exists()


def test_preview_says_all_and_keeps_nothing(village: Village) -> None:
    bill(village)
    outcome = preview_changes(community=village.community, file=table(SALE), by="前台", now=NOW)
    assert counts(outcome) == [1, 0, 0, 0]
    assert owed("8-301") == {"张三": "210.49"}
    assert not UnitChange.objects.exists()


def test_changes_wait_for_the_second_person(village: Village, manager: User) -> None:
    bill(village)
    (change,) = request_changes(community=village.community, file=table(SALE), by="前台", now=NOW)
    assert request_changes(community=village.community, file=table(SALE), by="前台", now=NOW) == []
    assert owed("8-301") == {"张三": "210.49"}
    with pytest.raises(SamePersonError):
        approve_change(change=change, by="前台", now=NOW)
    approve_change(change=change, by=manager, now=NOW)
    assert owed("8-301") == {"张三": "105.25", "王五": "105.24"}
    with pytest.raises(RequestDecidedError):
        refuse_change(change=change, by=manager, now=NOW)


def test_refused_change_changes_nothing(village: Village, manager: User) -> None:
    (change,) = request_changes(community=village.community, file=table(SALE), by="前台", now=NOW)
    refuse_change(change=change, by=manager, now=NOW)
    change.refresh_from_db()
    assert (change.state, change.decided_by) == ("refused", "jingli")
    assert Occupancy.objects.filter(person__name="王五").count() == 0


# Command ------------------------------------------------------------------------------------------------


def test_command(village: Village, manager: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bill(village)
    path = tmp_path / "changes.csv"
    path.write_bytes(write_csv([HEAD, SALE, ["area", "8-302", "2026-11-01", "", "98.5", "", "", ""]]))
    options = {"community": village.community.code, "approved_by": "jingli", "json": True}
    call_command("import_changes", str(path), **options)
    result = json.loads(capsys.readouterr().out)
    assert (result["created"], result["rejected"], result["corrected"], result["problems"]) == (
        2, 0, "-3.52", [],
    )  # fmt: skip
    with pytest.raises(SystemExit) as left:
        call_command("import_changes", str(path), **{**options, "approved_by": "nobody"})
    assert left.value.code == 2


def test_file_without_a_table_of_changes(village: Village, manager: User) -> None:
    with pytest.raises(NoChangesError):
        import_changes(
            community=village.community,
            file=csv_file([["a", "b"], ["1", "2"]], "x.csv"),
            approved_by=manager,
            by="前台",
            now=NOW,
        )


def test_lines_of_all_changes_agree_with_their_explanation(village: Village, manager: User) -> None:
    bill(village)
    vacancy = ["vacancy", "8-302", "2026-11-11", "", "0.7", "", "", ""]
    take(village, manager, SALE, vacancy, ["area", "8-302", "2026-11-21", "", "110", "", "", ""])
    for line in ChargeLine.objects.values_list("bill_id", flat=True).distinct():
        assert all(opened.explanation.agrees for opened in explain_bill(line).lines)
    bill(village, "2026-12")
    # 100 × 2.35 × (10 + 10 × 0.7) ÷ 30 + 110 × 2.35 × 0.7 × 10 ÷ 30, then 110 × 2.35 × 0.7
    assert owed("8-302") == {"张三": "374.43"}
