"""Alipay's trade bill: a zip of two GBK CSV files with GBK names, `#` lines around the table, tabs after ids."""

import csv
import io
import zipfile
from collections.abc import Sequence

from payments.gateways.sandbox.alipay_words import mask
from payments.gateways.sandbox.amounts import fee, yuan
from payments.gateways.sandbox.desk import Desk
from payments.gateways.sandbox.keys import ALIPAY, Merchant
from payments.gateways.sandbox.orders import Order, Refund
from payments.gateways.sandbox.times import clock

COLUMNS = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)
RULE = "-" * 40


class GbkName(zipfile.ZipInfo):
    """A member whose name is written in GBK without a word about it, as the platform's own files are."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - zipfile's name for the hook
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def write_bill(desk: Desk, merchant: Merchant, start: int, end: int) -> bytes:
    """Return the zipped bill of a span, empty when there was no trade."""
    store, key = desk.store, (ALIPAY, merchant.merchant_id)
    paid = store.list_paid(*key, start, end)
    refunds = store.list_refunds_of_span(*key, start, end)
    if not paid and not refunds:
        return b""
    rows = [_payment(order) for order in paid]
    rows += [_refund(desk.get(*key, refund.order_number), refund) for refund in refunds]
    received = sum(order.amount for order in paid)
    given = sum(refund.amount for refund in refunds)
    foot = [
        f"#{RULE}业务明细列表结束{RULE}",
        f"#交易合计：{len(paid)}笔，商家实收共{yuan(received)}元，商家优惠共0.00元",
        f"#退款合计：{len(refunds)}笔，商家实收退款共{yuan(-given)}元，商家优惠退款共0.00元",
        f"#导出时间：[{clock(end)}]",
    ]
    head = _head(merchant, "业务明细", start, end)
    return _pack(
        merchant, start, _text(head, COLUMNS, rows, foot), _summary(merchant, start, end, received - given)
    )


def _head(merchant: Merchant, title: str, start: int, end: int) -> list[str]:
    return [
        f"#支付宝{title}查询",
        f"#账号：[{merchant.merchant_id}0156]",
        f"#起始日期：[{clock(start)}]   终止日期：[{clock(end)}]",
        f"#{RULE}{title}列表{RULE}",
    ]


def _text(head: list[str], columns: str, rows: Sequence[tuple[str, ...]], foot: list[str]) -> str:
    table = io.StringIO()
    csv.writer(table, lineterminator="\r\n").writerows(rows)
    return "\r\n".join([*head, columns]) + "\r\n" + table.getvalue() + "\r\n".join(foot) + "\r\n"


def _summary(merchant: Merchant, start: int, end: int, total: int) -> str:
    rows = [("", "", yuan(total))]
    return _text(_head(merchant, "业务汇总", start, end), "门店编号,门店名称,商家实收（元）", rows, [])


def _pack(merchant: Merchant, start: int, detail: str, summary: str) -> bytes:
    packed = io.BytesIO()
    day = clock(start)[:10].replace("-", "")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("业务明细", detail), ("业务明细(汇总)", summary)):
            info = GbkName(f"{merchant.merchant_id}0156_{day}_{name}.csv")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode("gb18030"))
    return packed.getvalue()


def _payment(order: Order) -> tuple[str, ...]:
    return _row(order, "交易", order.paid_at or order.created_at, order.amount, "", fee(order.amount))


def _refund(order: Order, refund: Refund) -> tuple[str, ...]:
    return _row(order, "退款", refund.refunded_at, -refund.amount, refund.number, -fee(refund.amount))


def _row(order: Order, kind: str, moment: int, amount: int, refund_number: str, kept: int) -> tuple[str, ...]:
    return (
        *(
            f"{order.transaction_id}\t",
            f"{order.number}\t",
            kind,
            order.subject,
            clock(order.created_at),
            clock(moment),
        ),
        *("", "", "", "", f"{mask(order.payer)}\t", yuan(amount), yuan(amount)),
        *("0.00", "0.00", "0.00", "0.00", "0.00", "", "0.00", "0.00", refund_number, yuan(-kept), "0.00", ""),
    )
