"""Going live: what another system says is owed, prepaid, held and paid comes in, once, and goes out again."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from billing.models import (
    Bill,
    ChargeAccount,
    ChargeLine,
    FeeItem,
    LateFeePause,
    OpeningImport,
    OpeningItem,
)
from billing.selectors.explained import explain_line
from billing.selectors.outstanding import account_balance
from billing.services.late_fee_bills import charge_community
from billing.services.opening import NoOpeningError, OpeningOutcome, import_opening, preview_opening
from billing.services.opening_undo import OpeningInUseError, OpeningUndoneError, undo_opening
from billing.services.settlement import AllocationDraft, record_allocations
from core.invariants import check_all
from core.tables.reader import open_bytes
from ledger.models import JournalLeg
from payments.models import Deposit, PrepaymentEntry
from tests.billing.late_fees import make_policy
from tests.billing.village import Village
from tests.core.workbooks import write_xls, write_xlsx
from tests.staff import member
from users.roles import Role

pytestmark = pytest.mark.django_db

AS_OF = date(2026, 11, 1)
NOW = datetime(2026, 11, 1, 2, tzinfo=UTC)
RECEIVABLE = [
    ["云杉苑应收明细"],
    ["序号", "楼阁名称", "单元名称", "建筑面积", "收费项目", "应计金额", "单价", "计费起始日期", "计费终止日期",
     "计费id", "住户编号", "单元编号", "计费日期", "实收金额", "前期预收"],
]  # fmt: skip


def charge(unit: str, fee: str, due: object, start: object, end: object, **more: object) -> list[object]:
    """A row of the receivable sheet."""
    cells = {"id": "", "household": unit, "due_on": "", "received": 0, "prepaid": "", **more}
    return [
        1, "8栋", unit, 89.56, fee, due, 2.35, start, end, cells["id"], cells["household"], unit,
        cells["due_on"], cells["received"], cells["prepaid"],
    ]  # fmt: skip


@pytest.fixture
def village() -> Village:
    village = Village()
    for code in ("8-1-301", "8-1-302", "8-0-12"):
        village.unit(code, "89.56")
    village.fee("property")
    FeeItem.objects.update(name="物业费")
    return village


def take_in(village: Village, sheets: dict[str, Any], name: str = "旧系统.xlsx") -> OpeningOutcome:
    data = write_xls(sheets) if name.endswith(".xls") else write_xlsx(sheets)
    return import_opening(
        community=village.community, file=open_bytes(data, name), as_of=AS_OF, by="小李", now=NOW
    )


def receivable(*rows: list[object]) -> dict[str, Any]:
    return {"应收": [*RECEIVABLE, *rows, ["合计", "", "", "", "", 9999]]}


def account(code: str) -> ChargeAccount:
    return ChargeAccount.objects.get(unit__code=code)


def booked(code: str) -> Decimal:
    legs = JournalLeg.objects.filter(ledger_account__code=code).values_list("amount", flat=True)
    return sum(legs, Decimal("0.00"))


def codes(outcome: OpeningOutcome) -> list[str]:
    return [problem.code for problem in outcome.problems if problem.blocks]


def test_import_opening_of_a_receivable_sheet(village: Village) -> None:
    outcome = take_in(
        village,
        receivable(
            charge("8-1-301", "物业费", 210.47, 46266, "46295"),
            charge("8-1-301", "物业费", "300.00", 46296, 46326, received=100, due_on="2026-10-20"),
            charge("8-1-302", "物业费", 210.47, "2026-10-01", "2026-10-31", received=210.47, prepaid=50),
            charge("8-0-12", "装修押金", 2000, "", "", received=2000),
        ),
        "旧系统.xls",
    )
    result = outcome.as_dict()
    assert {name: result[name] for name in ("created", "rejected", "lines", "history", "fee_items")} == {
        "created": 4, "rejected": 0, "lines": 2, "history": 0, "fee_items": [],
    }  # fmt: skip
    assert [str(result[name]) for name in ("owed", "prepaid", "deposits")] == ["410.47", "50.00", "2000.00"]
    assert account_balance(account("8-1-301").pk).outstanding == Decimal("410.47")
    september, october = Bill.objects.order_by("period_start")
    assert (september.period_start, september.period_end, september.due_on) == (
        date(2026, 9, 1), date(2026, 10, 1), date(2026, 9, 30),
    )  # fmt: skip
    assert (october.due_on, october.total, october.schedule) == (
        date(2026, 10, 20),
        Decimal("200.00"),
        "opening",
    )
    pauses = LateFeePause.objects.order_by("first_day").values_list("first_day", "last_day")
    assert list(pauses) == [(date(2026, 9, 30), date(2026, 10, 31)), (date(2026, 10, 20), date(2026, 10, 31))]
    assert PrepaymentEntry.objects.get().amount == Decimal("50.00")
    assert [str(booked(code)) for code in ("1122", "2203", "224102", "4199")] == [
        "410.47", "-50.00", "-2000.00", "1639.53",
    ]  # fmt: skip
    assert not list(check_all())


def test_brought_in_line_is_explained(village: Village) -> None:
    take_in(village, receivable(charge("8-1-301", "物业费", 300, "2026-10-01", "2026-10-31", received=100)))
    explained = explain_line(ChargeLine.objects.get().pk)
    assert explained.explanation.agrees
    step = explained.explanation.steps[0]
    assert step.figures == {"file": "旧系统.xlsx", "sheet": "应收", "row": 3}


def test_import_opening_twice_is_once(village: Village) -> None:
    sheets = receivable(charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30", prepaid=10))
    take_in(village, sheets)
    again = take_in(village, sheets)
    assert (again.plan.counts["created"], again.plan.counts["unchanged"]) == (0, 1)
    assert (Bill.objects.count(), PrepaymentEntry.objects.count(), OpeningItem.objects.count()) == (1, 1, 2)
    assert not list(check_all())


def test_import_opening_refuses_another_amount_for_what_is_in(village: Village) -> None:
    take_in(village, receivable(charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30")))
    again = take_in(village, receivable(charge("8-1-301", "物业费", 310.47, "2026-09-01", "2026-09-30")))
    assert codes(again) == ["opening_differs"]
    assert Bill.objects.count() == 1


def test_import_opening_of_an_arrears_sheet_makes_unknown_fees(village: Village) -> None:
    head = [
        "物业编号",
        "建筑面积",
        "本期应收_物业费",
        "本期应收_公共用电分摊",
        "前期欠费_物业费",
        "前期欠费_滞纳金",
        "合计",
    ]
    rows = [
        head,
        ["8-1-301", 89.56, 210.47, 12.5, 420.94, "", 643.91],
        ["8-1-302", 89.56, 210.47, "", "", 3, 200],
        ["合计", "", 420.94, 12.5, 420.94, 3, 843.91],
    ]
    outcome = take_in(village, {"欠费": rows})
    assert outcome.plan.new_fees == ["公共用电分摊"]
    assert codes(outcome) == ["opening_total_differs"]
    lines = ChargeLine.objects.order_by("period_start", "fee_item__name")
    assert [(line.fee_item.name, str(line.period_start), str(line.amount)) for line in lines] == [
        ("物业费", "2026-09-01", "420.94"),
        ("公共用电分摊", "2026-10-01", "12.50"),
        ("物业费", "2026-10-01", "210.47"),
    ]


def test_import_opening_keeps_payment_history_as_history(village: Village) -> None:
    head = [
        "房屋",
        "收费项目",
        "缴费周期",
        "开始时间",
        "结束时间",
        "缴费时间",
        "应缴金额",
        "实缴金额",
        "收银员",
        "备注",
    ]
    rows = [
        head,
        ["8-1-301", "物业费", "1", "2026-08-01", "2026-08-31", "2026-08-12", 210.47, 210.47, "王芳", "微信"],
        ["8-0-12", "物业费", "1", "2026-08-01", "2026-08-31", "2026-12-12", 210.47, 210.47, "王芳", ""],
    ]
    outcome = take_in(village, {"房屋缴费历史": rows})
    assert codes(outcome) == ["opening_paid_later"]
    item = OpeningItem.objects.get()
    assert (item.kind, str(item.amount), item.day, item.note) == (
        "history", "210.47", date(2026, 8, 12), "王芳 微信",
    )  # fmt: skip
    assert not Bill.objects.exists()
    assert not JournalLeg.objects.exists()


def test_import_opening_of_fees_by_room_code(village: Village) -> None:
    rows = [
        ["房屋编码", "费用名称", "开始时间", "结束时间", "收费金额"],
        ["8-12", "物业费", 46266, 46295, 88],
    ]
    assert take_in(village, {"房屋费用信息": rows}).plan.counts["created"] == 1
    assert account_balance(account("8-0-12").pk).outstanding == Decimal("88.00")


def test_import_opening_knows_later_occupants(village: Village) -> None:
    unit = village.unit("8-1-401", "50", owner=None)
    first = village.holds(unit, "旧业主", date(2020, 1, 1), date(2026, 5, 1))
    second = village.holds(unit, "新业主", date(2026, 5, 1))
    ChargeAccount.objects.create(
        community=village.community, unit=unit, payer=first, start=date(2020, 1, 1), end=date(2026, 5, 1)
    )
    outcome = take_in(
        village,
        receivable(
            charge("8-1-401", "物业费", 10, "2026-03-01", "2026-03-31", household="8-1-401"),
            charge("8-1-401", "物业费", 20, "2026-09-01", "2026-09-30", household="8-1-401_02"),
            charge("8-1-301", "物业费", 30, "2026-09-01", "2026-09-30", household="8-1-301_02"),
            charge("8-1-301", "物业费", 40, "2026-08-01", "2026-08-31", household="8-1-301"),
        ),
    )
    assert codes(outcome) == ["opening_no_occupant"]
    owed = {bill.account.payer_id: str(bill.total) for bill in Bill.objects.filter(account__unit=unit)}
    assert owed == {first.pk: "10.00", second.pk: "20.00"}
    assert account_balance(account("8-1-301").pk).outstanding == Decimal("30.00")


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (charge("9-9-999", "物业费", 10, "2026-09-01", "2026-09-30"), "no_such_unit", "单元编号"),
        (charge("8-1-301", "", 10, "2026-09-01", "2026-09-30"), "missing", "收费项目"),
        (charge("8-1-301", "物业费", "十元", "2026-09-01", "2026-09-30"), "letters_in_number", "应计金额"),
        (charge("8-1-301", "物业费", -3, "2026-09-01", "2026-09-30"), "opening_negative", "应计金额"),
        (charge("8-1-301", "物业费", 10.005, "2026-09-01", "2026-09-30"), "opening_too_fine", "应计金额"),
        (charge("8-1-301", "物业费", 10, "", "2026-09-30"), "missing", "计费起始日期"),
        (charge("8-1-301", "物业费", 10, "2026-09-30", "2026-09-01"), "ends_before_start", "计费终止日期"),
        (charge("8-1-301", "物业费", 10, "2026-02-30", "2026-09-01"), "no_such_date", "计费起始日期"),
        (
            charge("8-1-301", "物业费", 10, "2026-09-01", "2026-09-30", received=11),
            "opening_received_more",
            "实收金额",
        ),
    ],
)
def test_import_opening_says_what_is_wrong(
    village: Village, row: list[object], code: str, column: str
) -> None:
    outcome = take_in(village, receivable(row))
    (problem,) = [problem for problem in outcome.problems if problem.blocks]
    assert (problem.code, problem.where["sheet"], problem.where["row"], problem.where["column"]) == (
        code, "应收", 3, column,
    )  # fmt: skip
    assert "%(" not in problem.message
    assert (outcome.plan.counts["rejected"], Bill.objects.count()) == (1, 0)


def test_preview_opening_writes_nothing(village: Village) -> None:
    data = write_xlsx(receivable(charge("8-1-301", "物业费", 10, "2026-09-01", "2026-09-30")))
    file = open_bytes(data, "旧系统.xlsx")
    outcome = preview_opening(community=village.community, file=file, as_of=AS_OF)
    assert outcome.plan.counts["created"] == 1
    assert not ChargeAccount.objects.exists()
    assert not OpeningImport.objects.exists()


def test_file_without_opening_balances_is_refused(village: Village) -> None:
    with pytest.raises(NoOpeningError):
        take_in(village, {"人员": [["姓名", "年龄"], ["张三", 3]]})


def test_undo_opening_takes_everything_back(village: Village) -> None:
    sheets = receivable(
        charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30", prepaid=10),
        charge("8-0-12", "装修押金", 2000, "", "", received=2000),
    )
    record = take_in(village, sheets).record
    assert record
    assert [(deposit.kind, deposit.amount) for deposit in Deposit.objects.all()] == [
        ("renovation", Decimal("2000.00"))
    ]
    undo_opening(record=record, day=date(2026, 11, 3), now=NOW, by="小王")
    assert account_balance(account("8-1-301").pk).outstanding == Decimal("0.00")
    assert PrepaymentEntry.objects.balance() == Decimal("0.00")
    assert {str(booked(code)) for code in ("1122", "2203", "224102", "4199")} == {"0.00"}
    assert not list(check_all())
    with pytest.raises(OpeningUndoneError):
        undo_opening(record=record, day=date(2026, 11, 3), now=NOW, by="小王")
    assert take_in(village, sheets).plan.counts["created"] == 2
    assert account_balance(account("8-1-301").pk).outstanding == Decimal("210.47")


@pytest.mark.broken_books("money is set against lines here without a receipt that brought it")
def test_undo_opening_is_refused_once_something_hangs_on_it(village: Village) -> None:
    record = take_in(
        village,
        receivable(
            charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30"),
            charge("8-1-302", "物业费", 210.47, "2026-09-01", "2026-09-30", prepaid=10),
        ),
    ).record
    assert record
    line = ChargeLine.objects.get(bill__account__unit__code="8-1-301")
    record_allocations(
        drafts=[AllocationDraft(line.pk, Decimal("10.00"))],
        value_day=AS_OF,
        source="receipt:1",
        by=None,
        now=NOW,
    )
    held = PrepaymentEntry.objects.get()
    PrepaymentEntry.objects.create(
        account=held.account, amount=Decimal("-4.00"), value_day=AS_OF, source="used:1", written_at=NOW
    )
    with pytest.raises(OpeningInUseError) as refused:
        undo_opening(record=record, day=AS_OF, now=NOW, by="小王")
    assert [problem.code for problem in refused.value.problems] == ["opening_paid", "opening_prepayment_used"]
    assert "8-1-301" in str(refused.value)
    assert "8-1-302" in str(refused.value)
    assert Bill.objects.filter(state="issued").count() == 2


def test_undo_opening_is_refused_once_late_fee_was_charged_on_it(village: Village) -> None:
    record = take_in(
        village, receivable(charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30"))
    ).record
    assert record
    make_policy(village.community)
    late = date(2026, 11, 20)
    charge_community(community=village.community, as_of=late, now=NOW, by="小王")
    with pytest.raises(OpeningInUseError) as refused:
        undo_opening(record=record, day=late, now=NOW, by="小王")
    assert [problem.code for problem in refused.value.problems] == ["opening_late_fee"]


def test_command_import_opening_and_undo(
    village: Village, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "旧系统.xlsx"
    path.write_bytes(write_xlsx(receivable(charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30"))))

    def run(*options: str) -> dict[str, Any]:
        call_command("import_opening", str(path), "--community", "yunshan", "--json", *options)
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        return result

    assert run("--as-of", "2026-11-01")["owed"] == "210.47"
    assert run("--undo")["undone"] == OpeningImport.objects.get().pk
    with pytest.raises(SystemExit) as left:
        run("--undo")
    assert left.value.code == 2


def test_pages_take_a_file_in_and_undo_it(village: Village, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    manager = member(Role.MANAGER, village.community)
    data = write_xlsx(
        receivable(
            charge("8-1-301", "物业费", 210.47, "2026-09-01", "2026-09-30"),
            charge("9-9-999", "物业费", 10, "2026-09-01", "2026-09-30"),
        )
    )
    upload = {
        "community": village.community.pk,
        "as_of": "2026-11-01",
        "file": SimpleUploadedFile("旧.xlsx", data),
    }
    preview = manager.post(reverse("billing:opening_upload"), upload, follow=True)
    assert preview.redirect_chain[0][0].endswith("?as_of=2026-11-01")
    assert "There is no unit" in preview.content.decode()
    assert not OpeningImport.objects.exists()
    result = manager.post(preview.redirect_chain[0][0], follow=True)
    assert "Undo this import" in result.content.decode()
    record = OpeningImport.objects.get()
    undone = manager.post(reverse("billing:opening_import", args=[record.pk]), follow=True)
    assert "This import is undone" in undone.content.decode()
    assert manager.get(reverse("billing:opening_upload")).status_code == 200
