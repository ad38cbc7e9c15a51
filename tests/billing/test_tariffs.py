"""Tariff files taken in: what is written, twice changes nothing, and the command's contract."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.management import call_command

from billing.models import ChargeAccount, FeeItem, PostingProfile, TariffVersion
from billing.services.tariffs import NoTariffsError, TariffOutcome, import_tariffs, preview_tariffs
from core.models import AuditRecord
from core.tables.reader import open_bytes
from estates.models import Community
from tests.billing.factories import issue_bill

HEAD = "code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding"
FILE = """\
property,物业费,month,advance,area,2.35,*,2025-01-01,,
property,物业费,month,advance,area,3.10,kind:商铺,2025-01-01,2026-08-31,jiao
parking,车位管理费,quarter,advance,fixed,80,kind:车位,2025-01-01,,
water,水费,month,arrears,tiers,water;10:2;20:3;30:4;:5,*,2025-01-01,,
lift,公摊电费,month,arrears,pool,P1;0.80;area,building:8,2025-01-01,,
"""


def take_in(community: Community, text: str, head: str = HEAD) -> TariffOutcome:
    return import_tariffs(community=community, file=open_bytes(f"{head}\n{text}".encode(), "t.csv"), by=None)


def counts(outcome: TariffOutcome) -> tuple[int, ...]:
    return tuple(outcome.plan.counts[fate] for fate in ("created", "updated", "unchanged", "rejected"))


@pytest.mark.usefixtures("account")
def test_import_tariffs_writes_items_versions_and_profiles(community: Community) -> None:
    assert counts(take_in(community, FILE)) == (5, 0, 0, 0)
    items = FeeItem.objects.values_list("code", "name", "cycle", "timing", "rank")
    assert list(items) == [
        ("property", "物业费", "month", "advance", 10),
        ("parking", "车位管理费", "quarter", "advance", 20),
        ("water", "水费", "month", "arrears", 30),
        ("lift", "公摊电费", "month", "arrears", 40),
    ]
    shop = TariffVersion.objects.get(applies_to="kind:shop")
    assert (shop.price, shop.rounding) == (Decimal("3.10"), "jiao")
    assert (shop.start, shop.end) == (date(2025, 1, 1), date(2026, 9, 1))
    water = TariffVersion.objects.get(fee_item__code="water")
    assert water.formula == {
        "meter_kind": "water",
        "tiers": [["10", "2"], ["20", "3"], ["30", "4"], [None, "5"]],
    }
    profiles = PostingProfile.objects.order_by("fee_item__rank")
    assert list(profiles.values_list("fee_item__code", "treatment", "ledger_code")) == [
        ("property", "income", "600101"),
        ("parking", "ahead", "2204"),
        ("water", "on_behalf", "224101"),
        ("lift", "on_behalf", "224101"),
    ]


@pytest.mark.usefixtures("account")
def test_import_tariffs_twice_changes_nothing(community: Community) -> None:
    take_in(community, FILE)
    before = list(TariffVersion.objects.values()), list(FeeItem.objects.values())
    records = AuditRecord.objects.count()
    assert counts(take_in(community, FILE)) == (0, 0, 5, 0)
    assert (list(TariffVersion.objects.values()), list(FeeItem.objects.values())) == before
    assert AuditRecord.objects.count() == records


def test_new_price_from_a_day_closes_the_old_one(community: Community) -> None:
    take_in(community, "property,物业费,month,advance,area,2.35,*,2025-01-01,,")
    outcome = take_in(
        community,
        "property,物业费,month,advance,area,2.35,*,2025-01-01,2026-08-31,\n"
        "property,物业费,month,advance,area,2.60,*,2026-09-01,,",
    )
    assert counts(outcome) == (1, 1, 0, 0)
    spans = TariffVersion.objects.order_by("start").values_list("price", "start", "end")
    assert list(spans) == [
        (Decimal("2.35"), date(2025, 1, 1), date(2026, 9, 1)),
        (Decimal("2.60"), date(2026, 9, 1), None),
    ]


def test_overlap_with_what_is_held_is_an_error(community: Community) -> None:
    take_in(community, "property,物业费,month,advance,area,2.35,*,2025-01-01,,")
    outcome = take_in(community, "property,物业费,month,advance,area,2.60,*,2026-09-01,,")
    (problem,) = outcome.problems
    assert (problem.code, problem.where["row"], problem.blocks) == ("overlaps_held", 2, True)
    assert counts(outcome) == (0, 0, 0, 1)
    assert TariffVersion.objects.count() == 1


def test_cycle_of_a_billed_item_stays(account: ChargeAccount, community: Community) -> None:
    take_in(community, "property,物业费,month,advance,area,2.35,*,2025-01-01,,")
    yearly = "property,物业费,year,advance,area,2.35,*,2025-01-01,,"
    assert counts(take_in(community, yearly)) == (0, 1, 0, 0)
    issue_bill(account, {"property": "210.47"})
    monthly = take_in(community, "property,物业费,month,advance,area,2.35,*,2025-01-01,,")
    assert [problem.code for problem in monthly.problems] == ["item_has_bills"]


def test_preview_tariffs_writes_nothing(community: Community) -> None:
    file = open_bytes(f"{HEAD}\nproperty,物业费,month,advance,area,2.35,*,2025-01-01,,".encode(), "t.csv")
    assert counts(preview_tariffs(community=community, file=file)) == (1, 0, 0, 0)
    assert not FeeItem.objects.exists()


def test_file_without_tariffs_is_refused(community: Community) -> None:
    with pytest.raises(NoTariffsError):
        import_tariffs(community=community, file=open_bytes(b"a,b\n1,2\n", "t.csv"), by=None)


def test_names_share_a_revenue_account_across_communities(community: Community) -> None:
    second = Community.objects.create(company=community.company, code="second", name="二期")
    for place in (community, second):
        take_in(place, "property,物业费,month,advance,area,2.35,*,2025-01-01,,")
    assert set(PostingProfile.objects.values_list("ledger_code", flat=True)) == {"600101"}


# The command ----------------------------------------------------------------------------------------


def run(
    capsys: pytest.CaptureFixture[str], path: Path, community: str = "yunshan"
) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command("import_tariffs", str(path), community=community, json=True)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    return code, json.loads(capsys.readouterr().out)


def test_command_takes_an_xlsx_with_numbers_and_dates(
    community: Community, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "收费标准.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet, days = book.add_worksheet("标准"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(1, 0, HEAD.split(","))
    sheet.write_row(2, 0, ["property", "物业费", "month", "advance", "area", 2.35, "*"])
    sheet.write_datetime(2, 7, date(2026, 1, 1), days)
    sheet.write_row(3, 0, ["parking", "车位费", "month", "advance", "fixed", "八十", "*", "2026-01-01"])
    book.close()
    code, result = run(capsys, path)
    assert code == 1
    assert {fate: result[fate] for fate in ("created", "updated", "unchanged", "rejected")} == {
        "created": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    (problem,) = result["problems"]
    assert {key: problem[key] for key in ("sheet", "row", "column", "value", "code", "blocks")} == {
        "sheet": "标准",
        "row": 4,
        "column": "price",
        "value": "八十",
        "code": "letters_in_number",
        "blocks": True,
    }
    assert "八十" in problem["message"]


def test_command_answers_2_for_an_unknown_community(
    community: Community, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEAD)
    code, result = run(capsys, path, "nowhere")
    assert (code, result["created"]) == (2, 0)


def test_import_tariffs_takes_a_formula_and_cycles_from_the_hand_over(community: Community) -> None:
    outcome = take_in(
        community,
        'lift,电梯费,month,advance,expression,"面积×2.1 + if(楼层 > 1, 5, 0)",*,2026-01-01,,,交房日\n'
        "pump,二次加压,month,arrears,expression,water;use *,*,2026-01-01,,,\n",
        head=f"{HEAD},周期起算",
    )
    assert counts(outcome) == (1, 0, 0, 1)
    version = TariffVersion.objects.get()
    assert version.formula == {"expression": "area * 2.1 + if(floor > 1, 5, 0)"}
    assert (version.price, version.fee_item.counted_from) == (None, "handover")
    assert [(p.code, p.message) for p in outcome.problems] == [
        ("expression_ends_early", "公式写到第 11 个字符就结束了，后面还应该有数字、名称或括号。")
    ]
