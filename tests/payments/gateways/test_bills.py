"""Trade bills of both platforms: made by the sandbox, read by column name, trusted only when their totals agree."""

import gzip
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest

from payments.gateways.alipay import bills as alipay_bills
from payments.gateways.interface import (
    BEIJING,
    BillRejected,
    ErrorCode,
    Gateway,
    GatewayError,
    RecordKind,
    Refund,
)
from payments.gateways.wechat import bills as wechat_bills
from tests.payments.gateways.conftest import make_order
from tests.payments.gateways.program import Sandbox

WECHAT_HEADER = (
    "交易时间,商户订单号,公众账号ID,商户号,微信订单号,交易状态,货币种类,订单金额,申请退款金额,商户退款单号,微信退款单号,"
    "商品名称,手续费"
)
WECHAT_BILL = f"""{WECHAT_HEADER}
`2026-11-20 10:00:00,`N0000001,`wx1,`1900000001,`4200001,`SUCCESS,`CNY,`309.45,`0.00,`0,`0,`物业费,11月，含水费,`1.85670
`2026-11-20 10:00:00,`N0000001,`wx1,`1900000001,`4200001,`SUCCESS,`CNY,`309.45,`0.00,`0,`0,`物业费,11月，含水费,`1.85670
`2026-11-20 18:30:00,`N0000001,`wx1,`1900000001,`4200001,`REFUND,`CNY,`0.00,`9.45,`R0000001,`5000001,`物业费,`-0.05670
总交易单数,手续费总金额,订单总金额,申请退款总金额
`3.0,`3.65670,`618.90,`9.45
"""
ALIPAY_BILL = """#支付宝业务明细查询\r
#账号：[20880000000000010156]\r
#起始日期：[2026年11月20日 00:00:00]   终止日期：[2026年11月21日 00:00:00]\r
#-----------------------------------------业务明细列表----------------------------------------\r
支付宝交易号,商户订单号,业务类型,商品名称,完成时间,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,服务费（元）\r
2026112022001\t,N0000002\t,交易,"物业费,11月",2026-11-20 09:00:00,138****8000\t,309.45,309.45,,-1.86\r
2026112022001\t,N0000002\t,退款,"物业费,11月",2026-11-20 12:00:00,138****8000\t,-9.45,-9.45,R0000002,0.06\r
#-----------------------------------------业务明细列表结束------------------------------------\r
#交易合计：1笔，商家实收共309.45元，商家优惠共0.00元\r
#退款合计：1笔，商家实收退款共-9.45元，商家优惠退款共0.00元\r
#导出时间：[2026年11月21日 10:00:00]\r
"""


def record_history(sandbox: Sandbox, gateway: Gateway, day: str, *amounts: str) -> None:
    orders = [
        {
            "number": f"H{day.replace('-', '')}{at:05d}",
            "amount": amount,
            "paid_at": f"{day}T{at % 24:02d}:15:00+08:00",
        }
        for at, amount in enumerate(amounts)
    ]
    config = gateway.config
    sandbox.turn("history", platform=config.gateway, merchant_id=config.merchant_id, orders=orders)


def test_download_bill_holds_what_was_paid_that_day(sandbox: Sandbox, gateway: Gateway) -> None:
    record_history(sandbox, gateway, "2026-03-01", "309.45", "0.01", "1684.03")
    record_history(sandbox, gateway, "2026-03-02", "5.00")
    records = gateway.read_bill(gateway.download_bill(date(2026, 3, 1)))
    assert [record.amount for record in records] == [Decimal("309.45"), Decimal("0.01"), Decimal("1684.03")]
    assert records[0].happened_at == datetime(2026, 3, 1, 0, 15, tzinfo=BEIJING)
    assert {record.merchant_id for record in records} == {gateway.config.merchant_id}
    assert gateway.query_order(records[1].order_number).transaction_id == records[1].transaction_id


def test_download_bill_cuts_at_midnight_in_beijing(sandbox: Sandbox, gateway: Gateway) -> None:
    config = gateway.config
    times = ["2026-04-09T23:59:59", "2026-04-10T00:00:00", "2026-04-10T23:59:59", "2026-04-11T00:00:00"]
    orders = [
        {"number": f"MIDNIGHT{at}", "amount": "1.00", "paid_at": f"{time}+08:00"}
        for at, time in enumerate(times)
    ]
    sandbox.turn("history", platform=config.gateway, merchant_id=config.merchant_id, orders=orders)
    records = gateway.read_bill(gateway.download_bill(date(2026, 4, 10)))
    assert [record.order_number for record in records] == ["MIDNIGHT1", "MIDNIGHT2"]


def test_download_bill_holds_refunds_on_their_own_day(sandbox: Sandbox, gateway: Gateway) -> None:
    order = make_order()
    gateway.create_order(order)
    sandbox.turn("pay", number=order.number, callback=False)
    gateway.refund(Refund(f"R{order.number}", order.number, Decimal("9.45"), Decimal("309.45")))
    records = gateway.read_bill(gateway.download_bill(datetime.now(BEIJING).date()))
    ours = [record for record in records if record.order_number == order.number]
    assert [(record.kind, record.amount, record.refund_number) for record in ours] == [
        (RecordKind.PAYMENT, Decimal("309.45"), ""),
        (RecordKind.REFUND, Decimal("9.45"), f"R{order.number}"),
    ]


def test_download_bill_of_a_day_without_trade_says_so(gateway: Gateway) -> None:
    with pytest.raises(GatewayError) as caught:
        gateway.download_bill(date(2020, 1, 1))
    assert (caught.value.code, caught.value.unknown) == (ErrorCode.NO_BILL, False)


def test_read_bill_keeps_rows_that_look_alike() -> None:
    records = wechat_bills.read_bill(WECHAT_BILL.encode())
    assert [record.row for record in records] == [2, 3, 4]
    assert records[0].transaction_id == records[1].transaction_id
    assert [record.amount for record in records] == [Decimal("309.45"), Decimal("309.45"), Decimal("9.45")]


def test_read_bill_reads_wechat_values_with_commas_and_fine_fees() -> None:
    record = wechat_bills.read_bill(gzip.compress(("\ufeff" + WECHAT_BILL).encode()))[0]
    assert (record.subject, record.fee) == ("物业费,11月，含水费", Decimal("1.85670"))
    assert (record.order_number, record.merchant_id, record.app_id) == ("N0000001", "1900000001", "wx1")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("`309.45,`0.00", "`309.46,`0.00", "total"),
        ("`3.0,", "`4,", "total"),
        ("`1.85670\n`2026-11-20 18", "`1.85671\n`2026-11-20 18", "total"),
        ("`3.65670,`618.90,`9.45\n", "", "cells"),
        ("`3.0,`3.65670,`618.90,`9.45\n", "", "total"),
        ("总交易单数,手续费总金额,订单总金额,申请退款总金额\n`3.0,`3.65670,`618.90,`9.45\n", "", "total"),
        ("微信订单号", "单号", "columns"),
        ("`REFUND", "`LOST", "state"),
        ("`2026-11-20 18:30:00", "`20/11/2026", "time"),
        ("`9.45,`R", "`9.4e0,`R", "amount"),
        ("`CNY,`0.00", "`CNY", "cells"),
    ],
)
def test_read_bill_of_wechat_is_refused_as_a_whole(old: str, new: str, code: str) -> None:
    assert old in WECHAT_BILL
    with pytest.raises(BillRejected) as caught:
        wechat_bills.read_bill(WECHAT_BILL.replace(old, new, 1).encode())
    assert caught.value.code == code


@pytest.mark.parametrize("raw", [b"", b"\x1f\x8b broken", "交易时间".encode("gbk"), b"\x00" * 10])
def test_read_bill_of_wechat_that_is_no_bill_is_refused(raw: bytes) -> None:
    with pytest.raises(BillRejected):
        wechat_bills.read_bill(raw)


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig"])
def test_read_bill_reads_alipays_table_between_its_remarks(encoding: str) -> None:
    payment, refund = alipay_bills.read_bill(ALIPAY_BILL.encode(encoding))
    assert (payment.kind, payment.amount, payment.fee) == (
        RecordKind.PAYMENT,
        Decimal("309.45"),
        Decimal("1.86"),
    )
    assert (refund.kind, refund.amount, refund.fee) == (RecordKind.REFUND, Decimal("9.45"), Decimal("-0.06"))
    assert (payment.row, refund.row) == (6, 7)
    assert (payment.order_number, payment.transaction_id) == ("N0000002", "2026112022001")
    assert (refund.refund_number, payment.merchant_id) == ("R0000002", "2088000000000001")
    assert payment.subject == "物业费,11月"


def test_read_bill_leaves_alipays_summary_out() -> None:
    detail, summary = ALIPAY_BILL.encode("gbk"), b"not a bill"
    raw = zipped({"2088_20261120_业务明细.csv": detail, "2088_20261120_业务明细(汇总).csv": summary})
    assert len(alipay_bills.read_bill(raw)) == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("309.45,309.45", "309.45,309.46", "total"),
        ("#交易合计：1笔", "#交易合计：2笔", "total"),
        ("共-9.45元", "共-9.46元", "total"),
        ("#退款合计：1笔，商家实收退款共-9.45元，商家优惠退款共0.00元", "", "total"),
        ("商家实收（元）", "实收", "columns"),
        (",退款,", ",转账,", "total"),
        ("2026-11-20 12:00:00", "noon", "time"),
        ("-9.45,-9.45", "-9.45", "cells"),
    ],
)
def test_read_bill_of_alipay_is_refused_as_a_whole(old: str, new: str, code: str) -> None:
    assert old in ALIPAY_BILL
    with pytest.raises(BillRejected) as caught:
        alipay_bills.read_bill(ALIPAY_BILL.replace(old, new, 1).encode("gbk"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK broken",
        zipped({}),
        zipped({"业务明细.csv": b"", "另一份业务明细.csv": b""}),
        b"\x80\xff" * 9,
    ],
)
def test_read_bill_of_alipay_that_is_no_bill_is_refused(raw: bytes) -> None:
    with pytest.raises(BillRejected):
        alipay_bills.read_bill(raw)


def test_unzip_refuses_a_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (wechat_bills, alipay_bills):
        monkeypatch.setattr(module, "MAX_UNPACKED", 1000)
    with pytest.raises(BillRejected):
        wechat_bills.unzip(gzip.compress(b"0" * 2000))
    with pytest.raises(BillRejected):
        alipay_bills.unzip(zipped({"业务明细.csv": b"0" * 2000}))
