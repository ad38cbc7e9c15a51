"""The neighbours of the mock-ups: one bill and one receipt that add up, to print and to show."""

from datetime import date, datetime
from decimal import Decimal

from billing.domain.sheets import BankAccount, BillSheet, BillSheetLine, Contact, Letterhead, Phrase
from core.periods import Period
from payments.domain.sheets import ReceiptSheet, ReceiptSheetLine

LETTERHEAD = Letterhead("云杉苑物业服务中心", "松青路 18 号", "0571-****0000", "每天 8:30–18:00")
NOVEMBER = Period.month("2026-11")
LINES = (
    BillSheetLine(
        "物业费",
        (
            Phrase("89.56㎡ × 2.35 元", strong=True),
            Phrase(" = 210.466，四舍五入到分。面积以房产证为准；单价 2025年1月1日起执行，没有变过。"),
        ),
        Decimal("210.47"),
        Decimal("0.00"),
        "面积和单价都没有变",
    ),
    BillSheetLine(
        "公摊电费",
        (
            Phrase("2单元总表 30,412 → 31,706，走了 1,294 度，减去通信机房 186 度（运营商自己交），"),
            Phrase("1,108 度 × 0.6283 元", strong=True),
            Phrase(
                " = 696.16 元。您家占 89.56㎡ ÷ 60 户 6,248.40㎡ = 1.4333%，摊到 9.9782 元，先取 9.97 元；"
                "全单元还剩 0.46 元，从零头大的人家起每户补 1 分，您家零头 0.82 分，补到了。"
            ),
        ),
        Decimal("9.98"),
        Decimal("1.67"),
        "10月电梯年检试运行，全单元多走 185 度",
    ),
    BillSheetLine(
        "水费",
        (
            Phrase("水表 621 → 636，用了 15 吨。"),
            Phrase("第一阶 8 吨 × 5.00", strong=True),
            Phrase(" = 40.00 元（今年前 180 吨，之前已用 172 吨）；"),
            Phrase("第二阶 7 吨 × 7.00", strong=True),
            Phrase(" = 49.00 元（181 至 260 吨，明年1月重新算起）。"),
        ),
        Decimal("89.00"),
        Decimal("24.00"),
        "多用 2 吨，多 10.00 元；7 吨进了第二阶，每吨贵 2 元，多 14.00 元",
    ),
)


def make_bill_sheet(**changes: object) -> BillSheet:
    """The bill of 8-2-301 for November 2026: 210.47 + 9.98 + 89.00 = 309.45, 25.67 more than October."""
    values: dict[str, object] = {
        "letterhead": LETTERHEAD,
        "number": "2611080203013",
        "period": NOVEMBER,
        "issued_on": date(2026, 11, 1),
        "due_on": date(2026, 11, 20),
        "as_of": date(2026, 11, 12),
        "unit": "8栋2单元301",
        "room": "301",
        "address": ("云杉市松青路 18 号 云杉苑", "8栋2单元301", "李** 收"),
        "lines": LINES,
        "pay_url": "https://pay.example/b/7Qm4xT2vK9",
        "steward": Contact("周**", "138****1234"),
        "change": Decimal("25.67"),
        "main_cause": "水费",
        "notes": ("物业费是11月的；公摊电费和水费是 9月26日至10月25日的用量，原价代收，不加手续费。",),
        "bank": BankAccount("云杉苑物业服务中心", "云杉银行松青路支行", "6222 **** **** 0418"),
    }
    return BillSheet(**{**values, **changes})  # type: ignore[arg-type]


def make_receipt_sheet(**changes: object) -> ReceiptSheet:
    """605.30 in cash for two bills of 3-2-502: 268.41 + 291.36 = 559.77 allocated, 45.53 prepaid."""
    values: dict[str, object] = {
        "letterhead": LETTERHEAD,
        "number": "SJ2026-03-001842",
        "received_at": datetime(2026, 11, 19, 16, 42),  # a wall clock in the town of the desk
        "as_of": date(2026, 11, 19),
        "unit": "3栋2单元502",
        "payer": "吴**",
        "method": "现金 610.00，找零 4.70",
        "amount": Decimal("605.30"),
        "lines": (
            ReceiptSheetLine(
                "2610030205029",
                "3栋2单元502",
                Period.month("2026-10"),
                date(2026, 10, 20),
                Decimal("268.41"),
                Decimal("268.41"),
            ),
            ReceiptSheetLine(
                "2611030205027",
                "3栋2单元502",
                NOVEMBER,
                date(2026, 11, 20),
                Decimal("291.36"),
                Decimal("291.36"),
            ),
        ),
        "order": "您没有指定，按合同第十三条先记先到期的，先本金、后违约金。",
        "verify_url": "https://pay.example/r/9dJ2mB5wQe",
        "prepaid_after": Decimal("45.53"),
        "desk": "前台 3 号，第 1 班",
        "copy": "第二联 交款人留存",
        "cashier": "孙**",
        "checker": "林**",
    }
    return ReceiptSheet(**{**values, **changes})  # type: ignore[arg-type]
