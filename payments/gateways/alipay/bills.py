"""Alipay's trade bill 业务明细: a zip with GBK names, a GBK CSV, `#` lines around the table, tabs after the ids.

The `#` lines below the table print its totals. A second file in the zip, 业务明细(汇总), sums by shop and is left out.
"""

import csv
import io
import re
import zipfile
from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import ZERO
from payments.gateways.billfile import (
    MAX_UNPACKED,
    Row,
    check_total,
    match_cells,
    parse_yuan,
    require_columns,
)
from payments.gateways.interface import BillRecord, BillRejected, RecordKind

REQUIRED = (
    "支付宝交易号",
    "商户订单号",
    "业务类型",
    "完成时间",
    "订单金额（元）",
    "商家实收（元）",
    "服务费（元）",
)
KINDS = {"交易": RecordKind.PAYMENT, "退款": RecordKind.REFUND}
ACCOUNT = re.compile(r"^#账号：\[([0-9]+)")
TOTALS = {
    "交易": re.compile(r"^#交易合计：([0-9]+)笔，商家实收共(-?[0-9.]+)元"),
    "退款": re.compile(r"^#退款合计：([0-9]+)笔，商家实收退款共(-?[0-9.]+)元"),
}
MAX_MEMBERS = 20


def read_bill(raw: bytes) -> list[BillRecord]:
    """Return every row of the bill once its totals agree with them. Raises BillRejected: nothing is usable then."""
    lines = _decode(unzip(raw)).splitlines()
    rows = _read_rows(lines)
    _check_totals(lines, rows)
    merchant = next((found[1] for line in lines if (found := ACCOUNT.match(line))), "")
    return [_read_record(row, merchant[:16]) for row in rows]


def unzip(raw: bytes) -> bytes:
    """Return the detail file of a zip, anything else as it is. Raises BillRejected for bombs and strangers."""
    if not raw.startswith(b"PK"):
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.read(_find_detail(archive))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise BillRejected("file", _("The packed file is broken: %(error)s") % {"error": error}) from error


def _find_detail(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if not info.is_dir()]
    details = [
        info for info in members if "业务明细" in member_name(info) and "汇总" not in member_name(info)
    ]
    if len(members) > MAX_MEMBERS or len(details) != 1:
        raise BillRejected(
            "file",
            _("The packed file should hold one detail file, and holds %(count)s.") % {"count": len(details)},
        )
    if details[0].file_size > MAX_UNPACKED:
        raise BillRejected("file", _("The file is too large when unpacked."))
    return details[0]


def member_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; zip knows no GBK, so Python read the bytes as code page 437."""
    if info.flag_bits & 0x800:
        return info.filename
    return info.filename.encode("cp437").decode("gbk", errors="replace")


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BillRejected("encoding", _("The file is neither GBK nor UTF-8."))


def _read_rows(lines: list[str]) -> list[Row]:
    start = next((at for at, line in enumerate(lines) if line.startswith(REQUIRED[0])), None)
    if start is None:
        raise BillRejected("columns", _("There is no header line with %(name)s.") % {"name": REQUIRED[0]})
    end = next((at for at in range(start, len(lines)) if lines[at].startswith("#")), len(lines))
    names = [name.strip() for name in next(csv.reader([lines[start]]))]
    require_columns(names, REQUIRED, start + 1)
    return [
        match_cells(names, next(csv.reader([lines[at]])), at + 1)
        for at in range(start + 1, end)
        if lines[at].strip()
    ]


def _check_totals(lines: list[str], rows: list[Row]) -> None:
    for name, pattern in TOTALS.items():
        found = next((match for line in lines if (match := pattern.match(line))), None)
        if found is None:
            raise BillRejected("total", _("The totals at the end are missing: the file was cut off."))
        received = [row.yuan("商家实收（元）") for row in rows if row.text("业务类型") == name]
        check_total(f"{name}笔数", Decimal(found[1]), Decimal(len(received)))
        check_total(f"{name}金额", parse_yuan(found[2]), sum(received, ZERO))


def _read_record(row: Row, merchant_id: str) -> BillRecord:
    kind = KINDS.get(row.text("业务类型"))
    if kind is None:
        message = _("“%(text)s” is no known state.") % {"text": row.text("业务类型")}
        raise BillRejected("state", message, row.number)
    return BillRecord(
        row=row.number,
        kind=kind,
        order_number=row.text("商户订单号"),
        transaction_id=row.text("支付宝交易号"),
        happened_at=row.moment("完成时间"),
        amount=abs(row.yuan("订单金额（元）")),
        fee=-row.yuan("服务费（元）"),
        refund_number=row.text("退款批次号/请求号"),
        merchant_id=merchant_id,
        payer_account=row.text("对方账户"),
        subject=row.text("商品名称"),
        raw=row.cells,
    )
