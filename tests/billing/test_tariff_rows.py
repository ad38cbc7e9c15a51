"""One table of bad rows: what each cell is told, and that its neighbours are still read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from billing.domain.tariff_notation import Priced
from billing.domain.tariff_plan import HeldItem, HeldTariffs, Terms, VersionKey, plan_tariffs
from billing.domain.tariff_rows import Known, TariffRow, find_handling_fee, read_tariffs
from core.tables.findings import Finding
from core.tables.reader import read_tables

HEAD = "code,name,cycle,timing,method,price,applies_to,effective_from,effective_to,rounding"
GOOD = "property,物业费,month,advance,area,2.35,*,2026-01-01,,"
KNOWN = Known(frozenset({"8", "10"}), frozenset({"8-2-301"}))


def read(*lines: str, head: str = HEAD) -> tuple[list[TariffRow], list[Finding]]:
    text = "\n".join([head, *lines])
    return read_tariffs(read_tables(text.encode(), "tariffs.csv"), KNOWN)


def findings_of(*lines: str) -> list[tuple[int, str, str, str, bool]]:
    rows, _ = read(*lines)
    plan_tariffs(rows, HeldTariffs())
    return [
        (finding.line, finding.column, finding.value, finding.code, finding.blocks)
        for row in rows
        for finding in row.row.findings
    ]


def test_good_row() -> None:
    ((row,), remarks) = read(GOOD)
    assert remarks == []
    assert row.written is not None
    assert (row.written.applies_to, row.written.end, row.written.rounding) == ("*", None, "fen")


@pytest.mark.parametrize(
    ("line", "column", "value", "code"),
    [
        (",物业费,month,advance,area,2.35,*,2026-01-01,,", "code", "", "missing"),
        ("pro perty!,物业费,month,advance,area,2.35,*,2026-01-01,,", "code", "pro perty!", "odd_fee_code"),
        ("p,,month,advance,area,2.35,*,2026-01-01,,", "name", "", "missing"),
        ("p,物业费,weekly,advance,area,2.35,*,2026-01-01,,", "cycle", "weekly", "unknown_cycle"),
        ("p,物业费,month,later,area,2.35,*,2026-01-01,,", "timing", "later", "unknown_timing"),
        ("p,物业费,month,advance,volume,2.35,*,2026-01-01,,", "method", "volume", "unknown_method"),
        ("p,物业费,month,advance,area,2.3x,*,2026-01-01,,", "price", "2.3x", "letters_in_number"),
        ("p,物业费,month,advance,area,-2,*,2026-01-01,,", "price", "-2", "price_negative"),
        ("p,物业费,month,advance,area,2,floor:3,2026-01-01,,", "applies_to", "floor:3", "scope_notation"),
        ("p,物业费,month,advance,area,2,kind:城堡,2026-01-01,,", "applies_to", "kind:城堡", "unknown_kind"),
        (
            "p,物业费,month,advance,area,2,building:9,2026-01-01,,",
            "applies_to",
            "building:9",
            "no_such_building",
        ),
        (
            "p,物业费,month,advance,area,2,unit:8-2-302,2026-01-01,,",
            "applies_to",
            "unit:8-2-302",
            "no_such_unit",
        ),
        ("p,物业费,month,advance,area,2,*,,,", "effective_from", "", "missing"),
        ("p,物业费,month,advance,area,2,*,2026-02-30,,", "effective_from", "2026-02-30", "no_such_date"),
        ("p,物业费,month,advance,area,2,*,soon,,", "effective_from", "soon", "not_a_date"),
        ("p,物业费,month,advance,area,2,*,1026-01-01,,", "effective_from", "1026-01-01", "absurd_day"),
        (
            "p,物业费,month,advance,area,2,*,2026-02-01,2026-01-31,",
            "effective_to",
            "2026-01-31",
            "ends_before_start",
        ),
        ("p,物业费,month,advance,area,2,*,2026-01-01,,li", "rounding", "li", "unknown_rounding"),
    ],
)
def test_bad_row_is_told_and_its_neighbour_stays(line: str, column: str, value: str, code: str) -> None:
    rows, _ = read(GOOD, line)
    plan = plan_tariffs(rows, HeldTariffs())
    assert findings_of(GOOD, line) == [(3, column, value, code, True)]
    assert (plan.counts["created"], plan.counts["rejected"]) == (1, 1)


def test_one_day_is_a_span() -> None:
    assert findings_of("p,物业费,month,advance,area,2,*,2026-01-01,2026-01-01,") == []


def test_rows_of_a_code_must_agree() -> None:
    found = findings_of(
        GOOD,
        "property,物业服务费,month,advance,area,3.10,kind:商铺,2026-01-01,,",
        "parking,车位费,month,advance,fixed,80,kind:车位,2026-01-01,,",
    )
    assert found == [
        (2, "name", "物业费", "code_disagrees", True),
        (3, "name", "物业服务费", "code_disagrees", True),
    ]


@pytest.mark.parametrize(
    ("second", "column"),
    [
        ("property,物业费,quarter,advance,area,3.10,kind:商铺,2026-01-01,,", "cycle"),
        ("property,物业费,month,arrears,area,3.10,kind:商铺,2026-01-01,,", "timing"),
    ],
)
def test_rows_of_a_code_agree_on_cycle_and_timing(second: str, column: str) -> None:
    assert [(line, found) for line, found, _, _, _ in findings_of(GOOD, second)] == [(2, column), (3, column)]


HELD = HeldTariffs(
    {"property": HeldItem("物业费", "month", "advance", has_bills=True)},
    {
        VersionKey("property", "*", date(2026, 1, 1)): Terms(
            "area", Priced(Decimal("2.35")), "fen", date(2027, 1, 1)
        )
    },
)


@pytest.mark.parametrize(
    ("line", "expected", "codes"),
    [
        ("property,物业费,month,advance,area,2.35,*,2026-01-01,2026-12-31,", "unchanged", []),
        ("property,物业费,month,advance,area,2.50,*,2026-01-01,2026-12-31,", "updated", []),
        ("property,物业费,month,advance,area,2.35,*,2026-01-01,2026-06-30,", "updated", []),
        ("property,物业费,month,advance,area,2.50,*,2027-01-01,,", "created", []),
        ("property,物业费,month,advance,area,2.50,*,2026-12-31,,", "rejected", ["overlaps_held"]),
        ("property,物业费,quarter,advance,area,2.35,*,2027-01-01,,", "rejected", ["item_has_bills"]),
        ("property,物业费,month,arrears,area,2.35,*,2027-01-01,,", "rejected", ["item_has_bills"]),
    ],
)
def test_row_beside_what_is_held(line: str, expected: str, codes: list[str]) -> None:
    rows, _ = read(line)
    plan = plan_tariffs(rows, HELD)
    assert {name for name, count in plan.counts.items() if count} == {expected}
    assert [finding.code for row in rows for finding in row.row.findings] == codes


@pytest.mark.parametrize(
    ("second", "code"),
    [
        ("property,物业费,month,advance,area,2.50,*,2026-12-31,,", "overlaps_line"),
        ("property,物业费,month,advance,area,2.50,*,2027-01-01,,", None),
        ("property,物业费,month,advance,area,2.50,building:8,2026-06-01,,", None),
        ("property,物业费,month,advance,area,2.50,*,2026-01-01,,", "version_disagrees"),
    ],
)
def test_overlap_in_the_file(second: str, code: str | None) -> None:
    first = "property,物业费,month,advance,area,2.35,*,2026-01-01,2026-12-31,"
    assert [(line, found) for line, _, _, found, _ in findings_of(first, second)] == (
        [(2, code), (3, code)] if code else []
    )


def test_the_same_row_twice_counts_once() -> None:
    rows, _ = read(GOOD, GOOD)
    plan = plan_tariffs(rows, HeldTariffs())
    assert findings_of(GOOD, GOOD) == [(3, "code", "property", "version_twice", False)]
    assert dict(plan.counts) == {"created": 1, "rejected": 0, "unchanged": 1}


def test_metered_in_advance_is_a_remark() -> None:
    line = "water,水费,month,advance,meter,water;3.45,*,2026-01-01,,"
    assert findings_of(line) == [(2, "timing", "advance", "metered_in_advance", False)]


def test_chinese_columns_and_words() -> None:
    head = "费用编码,收费项目,缴费周期,付费类型,计费方式,单价,适用范围,生效日期,失效日期,取整"
    line = "wuye,物业费,季度,预付费,面积,2.35元/㎡·月,业态:商铺,2026年1月1日,2026/12/31,角"
    ((row,), _) = read(line, head=head)
    written = row.written
    assert written is not None
    assert (written.cycle, written.timing, written.method) == ("quarter", "advance", "area")
    assert (written.applies_to, str(written.end), written.rounding) == ("kind:shop", "2027-01-01", "jiao")


@pytest.mark.parametrize(
    ("name", "expression", "field"),
    [
        ("水费", "", ""),
        ("水费代收手续费", "", "name"),
        ("供暖服务费", "", "name"),
        ("物业服务费", "", ""),
        ("水费", "use * 3.2", ""),
        ("水费", "use * 3.2 + 5", "price"),
        ("水费", "max(use, 3) * 3.2", "price"),
        ("车位费", "80 + 5", ""),
    ],
)
def test_find_handling_fee(name: str, expression: str, field: str) -> None:
    formula = {"expression": expression} if expression else {}
    assert find_handling_fee(name, Priced(formula=formula)) == field
