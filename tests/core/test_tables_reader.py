"""Files are read as their clerk sees them, or refused in words (S-09, S-10)."""

import io
import struct
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.tables import limits
from core.tables.reader import FileRefused, open_file, read_tables
from core.tables.sheet import Area, ErrorCell
from tests.core.workbooks import Formula, write_csv, write_xls, write_xlsx

ROWS = [["房号", "手机"], ["8-2-301", "13800138000"]]


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(FileRefused) as refused:
        read_tables(data, name)
    assert refused.value.problems[0].blocks
    assert name.rsplit("/", 1)[-1] in str(refused.value)
    return refused.value.code


def test_read_tables_keeps_the_kinds_of_cells() -> None:
    row = ["8-2-301", 13800138000, 26.5127, 0.1 + 0.2, date(2026, 2, 3), True]
    (sheet,) = read_tables(write_xlsx({"房屋": [row]}), "a.xlsx")
    assert sheet.name == "房屋"
    assert list(sheet.rows[0]) == [
        "8-2-301", 13800138000, Decimal("26.5127"), Decimal("0.3"), date(2026, 2, 3), True,
    ]  # fmt: skip


def test_read_tables_counts_lines_and_columns_as_the_file_does() -> None:
    (sheet,) = read_tables(write_xlsx({"a": [[], [], ["", "x"], [], ["y"]]}), "a.xlsx")
    assert list(sheet.lines) == [3, 4, 5]
    assert [list(row) for row in sheet.rows] == [["", "x"], ["", ""], ["y", ""]]


def test_read_tables_shows_failed_formulas() -> None:
    (sheet,) = read_tables(write_xlsx({"a": [["x"], [Formula("#DIV/0!")], [Formula("5")]]}), "a.xlsx")
    assert [row[0] for row in sheet.rows] == ["x", ErrorCell("#DIV/0!"), "5"]


def test_read_tables_shows_a_formula_without_result() -> None:
    data = write_xlsx({"a": [["x"], [Formula("5")]]})
    stripped = _replaced(data, "xl/worksheets/sheet1.xml", b"<v>5</v>", b"")
    (sheet,) = read_tables(stripped, "a.xlsx")
    assert sheet.rows[-1][0] == ErrorCell("=1/0")


def test_read_tables_takes_a_formula_that_yields_nothing_as_blank() -> None:
    data = write_xlsx({"a": [["x", "y"], [Formula("5"), "z"]]})
    blank = _replaced(data, "xl/worksheets/sheet1.xml", b"<v>5</v>", b"<v></v>")
    (sheet,) = read_tables(blank, "a.xlsx")
    assert list(sheet.rows[1]) == ["", "z"]


def test_read_tables_finds_errors_on_the_right_sheet() -> None:
    sheets = read_tables(write_xlsx({"a": [["x"]], "b": [["x", Formula("#N/A")]]}), "a.xlsx")
    assert [sheet.rows[0][-1] for sheet in sheets] == ["x", ErrorCell("#N/A")]


def test_read_tables_names_merged_blocks() -> None:
    (sheet,) = read_tables(
        write_xlsx({"a": [["a", "b"], ["1", "2"], ["3", "4"]]}, {"a": ["B2:B3"]}), "a.xlsx"
    )
    assert sheet.merged == (Area(2, 1, 3, 1),)


def test_read_tables_marks_an_empty_sheet() -> None:
    sheets = read_tables(write_xlsx({"a": ROWS, "b": []}), "a.xlsx")
    assert [sheet.is_empty for sheet in sheets] == [False, True]


def test_read_tables_reads_old_workbooks() -> None:
    (sheet,) = read_tables(
        write_xls({"房屋": [["房号", "面积"], ["8-2-301", 26.5127], [8, 13800138000]]}), "a.xls"
    )
    assert [list(row) for row in sheet.rows] == [
        ["房号", "面积"], ["8-2-301", Decimal("26.5127")], [8, 13800138000],
    ]  # fmt: skip


def test_read_tables_shows_failed_formulas_of_old_workbooks() -> None:
    rows: list[list[Any]] = [
        ["房号", "面积"],
        ["8-2-301", Formula("#DIV/0!")],
        ["8-2-302", 80],
        [Formula("#NAME?"), ""],
    ]
    sheets = read_tables(write_xls({"说明": [["x"]], "房屋": rows}), "a.xls")
    assert [list(row) for row in sheets[1].rows] == [
        ["房号", "面积"], ["8-2-301", ErrorCell("#DIV/0!")], ["8-2-302", 80], [ErrorCell("#NAME?"), ""],
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_read_tables_reads_text_in_usual_encodings(encoding: str) -> None:
    (sheet,) = read_tables(write_csv([["房号", "业主"], ["8-2-301", "䶮㛃"]], encoding), "名册.csv")
    assert sheet.name == "名册"
    assert [list(row) for row in sheet.rows] == [["房号", "业主"], ["8-2-301", "䶮㛃"]]


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_read_tables_finds_the_delimiter(mark: str) -> None:
    (sheet,) = read_tables(f"房号{mark}面积\n8-2-301{mark}89.56\n".encode(), "a.csv")
    assert list(sheet.rows[1]) == ["8-2-301", "89.56"]


def test_read_tables_numbers_text_rows_as_excel_does() -> None:
    (sheet,) = read_tables(b'a,b\n"x\ny",1\nz,2\n', "a.csv")
    assert list(sheet.lines) == [1, 2, 3]


@pytest.mark.parametrize("wrapped", ['="13800138000"', "\t13800138000"])
def test_read_tables_unwraps_protected_text(wrapped: str) -> None:
    (sheet,) = read_tables(write_csv([["房号", "手机"], ["8-2-301", wrapped]]), "a.csv")
    assert sheet.rows[1][1] == "13800138000"


def test_read_tables_refuses_what_is_no_table() -> None:
    assert refusal(b"%PDF-1.7", "名册.pdf") == "wrong_type"
    assert refusal(b"", "a.csv") == "empty_file"
    assert refusal(write_xlsx({"a": ROWS}), "a.xls") == "disguised"
    assert refusal(write_xlsx({"a": ROWS}), "a.csv") == "disguised"
    assert refusal(b"<html><table></table></html>", "a.xlsx") == "disguised"
    assert refusal(b"a,\0b", "a.csv") == "disguised"
    assert refusal(b"\xff\xfb\xfc\xfd,\x81", "a.csv") == "unknown_encoding"
    assert refusal(write_xlsx({"a": ROWS})[:-200], "a.xlsx") in {"damaged", "disguised"}


def test_read_tables_ignores_folders_in_the_name() -> None:
    assert refusal(b"x", "../../etc/passwd") == "wrong_type"
    assert read_tables(b"a,b\n", "..\\..\\名册.csv")[0].name == "名册"


def test_open_file_refuses_a_file_that_is_not_there(tmp_path) -> None:
    with pytest.raises(FileRefused, match=r"名册\.xlsx"):
        open_file(tmp_path / "名册.xlsx")


# Hostile files -----------------------------------------------------------------------------------------------


def _replaced(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """Return the workbook with something replaced in one part."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content.replace(old, new) if name == part else content)
    return out.getvalue()


def _added(data: bytes, members: dict[str, bytes]) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_read_tables_refuses_a_bomb_of_zeros() -> None:
    assert refusal(_added(write_xlsx({"a": ROWS}), {"xl/bomb.xml": bytes(210 * 2**20)}), "a.xlsx") == "packed"


def test_read_tables_refuses_too_many_parts() -> None:
    many = {f"xl/{number}.xml": b"" for number in range(1_001)}
    assert refusal(_added(write_xlsx({"a": ROWS}), many), "a.xlsx") == "packed"


def test_read_tables_refuses_entities() -> None:
    laughs = b'<!DOCTYPE sst [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sst '
    data = _replaced(write_xlsx({"a": ROWS}), "xl/sharedStrings.xml", b"<sst ", laughs)
    assert refusal(data, "a.xlsx") == "declares_entities"


def test_read_tables_refuses_a_cell_at_the_end_of_the_world() -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    data = _replaced(write_xlsx({"a": ROWS}), "xl/worksheets/sheet1.xml", b"</sheetData>", far)
    assert refusal(data, "a.xlsx") in {"too_large", "too_many_rows"}


def test_read_tables_believes_cells_not_the_claimed_size() -> None:
    claim = b'<dimension ref="A1:XFD1048576"/>'
    data = _replaced(write_xlsx({"a": ROWS}), "xl/worksheets/sheet1.xml", b'<dimension ref="A1:B2"/>', claim)
    (sheet,) = read_tables(data, "a.xlsx")
    assert [list(row) for row in sheet.rows] == ROWS


def test_read_tables_refuses_columns_beyond_the_limit() -> None:
    wide = [[str(number) for number in range(limits.MAX_COLUMNS + 1)]]
    assert refusal(write_xlsx({"a": wide}), "a.xlsx") == "too_many_columns"
    assert refusal(write_csv(wide), "a.csv") == "too_many_columns"


def test_read_tables_refuses_a_lying_checksum() -> None:
    data = bytearray(write_xlsx({"a": ROWS}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    local = data.rindex(b"PK\x01\x02", 0, data.index(b"xl/worksheets/sheet1.xml", info.header_offset + 100))
    struct.pack_into("<I", data, local + 16, info.CRC ^ 1)
    assert refusal(bytes(data), "a.xlsx") == "damaged"


def test_read_tables_refuses_a_broken_old_workbook() -> None:
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "a.xls") == "damaged"


def test_read_tables_writes_nothing_for_names_that_climb() -> None:
    data = _added(
        write_xlsx({"a": ROWS}), {"../../../../tmp/climbed.xml": b"<a/>", "名.xml".encode("gbk").hex(): b""}
    )
    (sheet,) = read_tables(data, "a.xlsx")
    assert [list(row) for row in sheet.rows] == ROWS
