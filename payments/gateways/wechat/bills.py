"""WeChat's trade bill: a header, rows, a header of totals, one row of totals; back-ticks before every value.

The layouts ALL (27 columns), SUCCESS (20), REFUND (29) and the older 24 differ in columns and order, so everything is
read by name. Values are not quoted and goods names may hold commas: the separator is a comma *and* a back-tick.
"""

import gzip
import io
import zlib
from decimal import Decimal

from django.utils.translation import gettext as _

from core.money import ZERO
from payments.gateways.billfile import MAX_UNPACKED, Row, check_total, match_cells, require_columns
from payments.gateways.interface import BillRecord, BillRejected, RecordKind
from payments.gateways.wechat.results import mask_account

REQUIRED = ("交易时间", "商户号", "微信订单号", "商户订单号", "交易状态")
KINDS = {"SUCCESS": RecordKind.PAYMENT, "REFUND": RecordKind.REFUND, "REVOKED": RecordKind.REFUND}
TOTALS = {
    "应结订单总金额": "应结订单金额",
    "退款总金额": "退款金额",
    "充值券退款总金额": "充值券退款金额",
    "手续费总金额": "手续费",
    "订单总金额": "订单金额",
    "申请退款总金额": "申请退款金额",
}
"""Each printed total and the column it sums."""


def unzip(raw: bytes) -> bytes:
    """Return a bill unpacked when it is gzipped, as it is otherwise. Raises BillRejected for bombs and broken files."""
    if not raw.startswith(b"\x1f\x8b"):
        return raw
    try:
        unpacked = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BillRejected("file", _("The packed file is broken: %(error)s") % {"error": error}) from error
    if len(unpacked) > MAX_UNPACKED:
        raise BillRejected("file", _("The file is too large when unpacked."))
    return unpacked


def read_bill(raw: bytes) -> list[BillRecord]:
    """Return every row of the bill once its totals agree with them. Raises BillRejected: nothing is usable then."""
    lines = _read_lines(raw)
    end = next((at for at, line in enumerate(lines) if line.startswith("总交易单数")), None)
    if not lines or end is None or end + 1 >= len(lines):
        raise BillRejected("total", _("The totals at the end are missing: the file was cut off."))
    header = split_line(lines[0])
    require_columns(header, REQUIRED, 1)
    rows = [match_cells(header, split_line(line), at) for at, line in enumerate(lines[1:end], start=2)]
    totals = match_cells(split_line(lines[end]), split_line(lines[end + 1]), end + 2)
    _check_totals(totals, rows)
    return [_read_record(row) for row in rows]


def split_line(line: str) -> list[str]:
    """Return the cells of a line; only values carry back-ticks, names do not.

    >>> split_line("`1,`物业费,含水费,`2.00")
    ['1', '物业费,含水费', '2.00']
    """
    return line[1:].split(",`") if line.startswith("`") else line.split(",")


def _read_lines(raw: bytes) -> list[str]:
    try:
        text = unzip(raw).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BillRejected("encoding", _("The file is not UTF-8.")) from error
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()]


def _check_totals(totals: Row, rows: list[Row]) -> None:
    check_total("总交易单数", totals.exact("总交易单数"), Decimal(len(rows)), totals.number)
    for name, column in TOTALS.items():
        if name in totals.cells and (not rows or column in rows[0].cells):
            counted = sum((row.exact(column) for row in rows), ZERO)
            check_total(name, totals.exact(name), counted, totals.number)


def _read_record(row: Row) -> BillRecord:
    kind = KINDS.get(row.text("交易状态"))
    if kind is None:
        message = _("“%(text)s” is no known state.") % {"text": row.text("交易状态")}
        raise BillRejected("state", message, row.number)
    paid = row.yuan("订单金额", "总金额", "应结订单金额")
    given_back = row.yuan("申请退款金额", "退款金额")
    return BillRecord(
        row=row.number,
        kind=kind,
        order_number=row.text("商户订单号"),
        transaction_id=row.text("微信订单号"),
        happened_at=row.moment("退款申请时间" if "退款申请时间" in row.cells else "交易时间"),
        amount=paid if kind is RecordKind.PAYMENT else given_back,
        fee=row.exact("手续费"),
        currency=row.text("货币种类") or "CNY",
        refund_number=_number(row.text("商户退款单号")),
        refund_id=_number(row.text("微信退款单号")),
        merchant_id=row.text("商户号"),
        app_id=row.text("公众账号ID"),
        payer_account=mask_account(row.text("用户标识")),
        subject=row.text("商品名称"),
        raw=row.cells,
    )


def _number(text: str) -> str:
    """Return an id, empty for the zero WeChat prints where there is none."""
    return "" if text == "0" else text
