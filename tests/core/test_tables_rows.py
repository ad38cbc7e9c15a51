"""Heads are found, data is told from totals and notes, bad cells are named."""

from decimal import Decimal

from core.tables.cells import number, text
from core.tables.findings import Finding
from core.tables.header import Layout, Table, find_table
from core.tables.rows import Row, data_rows
from core.tables.sheet import Area, Cell, Sheet

LAYOUT = Layout(
    "rooms",
    words={"room": ("房号", "房间"), "area": ("建筑面积", "面积"), "owner": ("业主",)},
    needs=[("room",)],
    unused=("备注",),
)
OTHER = Layout("owners", words={"number": ("编号",), "owner": ("业主",)}, needs=[("number",), ("owner",)])


def sheet(*rows: list[Cell], merged: tuple[Area, ...] = ()) -> Sheet:
    return Sheet("表", rows, range(1, len(rows) + 1), merged)


def table(*rows: list[Cell], merged: tuple[Area, ...] = ()) -> Table:
    found = find_table(sheet(*rows, merged=merged), [LAYOUT, OTHER])
    assert found is not None
    return found


def read(found: Table) -> tuple[list[Row], list[tuple[int, str]]]:
    remarks: list[Finding] = []
    return list(data_rows(found, remarks)), [(remark.line, remark.code) for remark in remarks]


def test_find_table_takes_the_row_that_names_most() -> None:
    found = table(["业主台账"], ["房号", "说明"], ["*房号", "建筑 面积（㎡）", "业主"], ["301", 80, "张三"])
    assert (found.header_index, found.columns) == (2, {"room": 0, "area": 1, "owner": 2})
    assert found.heading("area") == "建筑 面积（㎡）"


def test_find_table_takes_the_layout_that_fits_best() -> None:
    assert table(["编号", "业主"]).layout.name == "owners"


def test_find_table_looks_at_15_lines_only() -> None:
    head: list[Cell] = ["房号", "面积"]
    blank: list[Cell] = [""]
    assert find_table(sheet(*[blank] * 14, head), [LAYOUT]) is not None
    assert find_table(sheet(*[blank] * 15, head), [LAYOUT]) is None


def test_find_table_wants_what_the_layout_needs() -> None:
    assert find_table(sheet(["面积", "业主"]), [LAYOUT]) is None


def test_header_remarks_name_unused_and_repeated_columns() -> None:
    found = table(["房号", "面积", "建筑面积", "备注", "朝向", "户型"])
    assert [(remark.code, remark.column, dict(remark.params)) for remark in found.header_remarks()] == [
        ("column_twice", "建筑面积", {"other": "面积"}), ("columns_left_out", "朝向", {"columns": "朝向、户型"}),
    ]  # fmt: skip


def test_data_rows_leaves_totals_and_notes_out() -> None:
    rows, remarks = read(
        table(
            ["房号", "面积", "业主"],
            ["301", 80, "张三"],
            ["小计", 80],
            [],
            ["注：按产权证"],
            ["302", 81],
            ["总 计：", 161],
        )
    )
    assert [row.line for row in rows] == [2, 6]
    assert remarks == [(3, "totals_left_out"), (5, "note_left_out"), (7, "totals_left_out")]


def test_data_rows_counts_notes_beside() -> None:
    rows, remarks = read(table(["房号", "面积"], ["301", 80, "", "看"], ["302", 81, "核"], ["303", 82]))
    assert len(rows) == 3
    assert remarks == [(2, "notes_left_out")]


def test_data_rows_blames_merged_cells_on_each_line() -> None:
    rows, _ = read(
        table(
            ["房号", "面积"],
            ["301", 80],
            ["302", ""],
            ["303", 82],
            merged=(Area(2, 1, 3, 1), Area(4, 5, 5, 6)),
        )
    )
    assert [[(f.code, f.column, f.params["area"]) for f in row.findings] for row in rows] == [
        [("merged_cells", "面积", "B2:B3")], [("merged_cells", "面积", "B2:B3")], [],
    ]  # fmt: skip


def test_data_rows_does_not_mind_a_merged_title_or_a_merged_world() -> None:
    rows, _ = read(
        table(
            ["台账", ""],
            ["房号", "面积"],
            ["301", 80],
            merged=(Area(1, 0, 1, 1), Area(1, 7, 1_048_576, 16_383)),
        )
    )
    assert not rows[0].is_rejected


def test_row_read_parses_or_blames() -> None:
    (row,), _ = read(table(["房号", "面积", "业主"], ["301", "8O", "#N/A"]))
    assert row.read("room", text, "") == "301"
    assert row.read("area", number, Decimal(0)) == 0
    assert row.read("owner", text, "") == ""
    assert [(f.code, f.line, f.column, f.value, f.blocks) for f in row.findings] == [
        ("letters_in_number", 2, "面积", "8O", True), ("formula_error", 2, "业主", "#N/A", True),
    ]  # fmt: skip


def test_row_need_blames_a_blank() -> None:
    (row,), _ = read(table(["房号", "面积"], ["301", "  "]))
    row.need("area", number, None)
    assert [(f.code, f.column) for f in row.findings] == [("missing", "面积")]


def test_row_remark_does_not_reject() -> None:
    (row,), _ = read(table(["房号", "面积"], ["301", 1]))
    row.remark("area", "area_rounded")
    assert not row.is_rejected
