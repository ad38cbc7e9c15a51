"""The owner's pages of the neighbour in 8-2-301, as the mock-ups tell them; every sum adds up."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from billing.domain.sheets import Contact
from core.charts import Point, draw_columns
from core.periods import Period
from portal.pages import (
    BillPage,
    ChangeView,
    ChoiceBill,
    ChoiceLine,
    ChoosePage,
    DueView,
    FamilyPage,
    Frame,
    HomePage,
    LineView,
    LinkView,
    ListPage,
    ListYear,
    LoginPage,
    MePage,
    MessagePage,
    PaymentPage,
    PayMethod,
    PayPage,
    PayRow,
    ReceiptPage,
    ReceiptRow,
    RowView,
    StateView,
    StepView,
    Tabs,
    UnitView,
)

TODAY = date(2026, 11, 12)
NOVEMBER, OCTOBER = Period.month("2026-11"), Period.month("2026-10")
TABS = Tabs("/home/", "/bills/", "/receipts/", "/me/")
FRAME = Frame("云杉苑", "8栋2单元301", TODAY, elder_url="/elder/")
MEMBER = replace(FRAME, where="李** 138****1234", tabs=TABS, here="home")
STEWARD = Contact("周**", "138****1234")
LINES = (
    LineView(
        "物业费",
        "89.56㎡ × 2.35元",
        Decimal("210.47"),
        (
            StepView("建筑面积", "89.56㎡", "以房产证为准"),
            StepView("单价", "2.35 元/㎡·月", "2025年1月1日起执行，没有变过"),
            StepView("89.56 × 2.35 = 210.466", "¥210.47", "四舍五入到分", is_result=True),
        ),
    ),
    LineView(
        "公摊电费",
        "电梯、楼道灯、供水泵",
        Decimal("9.98"),
        (
            StepView(
                "2单元一共用了",
                "1,108 度",
                "总表 30,412 → 31,706，走了 1,294 度；减去通信机房 186 度，那是运营商自己交的",
            ),
            StepView("合多少钱", "¥696.16", "1,108 度 × 0.6283 元/度"),
            StepView("您家占多少", "1.4333%", "89.56㎡ ÷ 全单元 60 户 6,248.40㎡"),
            StepView("您家摊到", "9.9782 元", "696.16 × 89.56 ÷ 6,248.40，先取 9.97 元"),
            StepView(
                "零头怎么分",
                "+0.01 元",
                "各户都先舍到分，全单元还剩 0.46 元。从零头最大的人家起，每户补 1 分",
            ),
            StepView("本月公摊电费", "¥9.98", "60 户加起来正好 696.16 元，一分不差", is_result=True),
        ),
        (LinkView("看全单元分摊表", "/share/"), LinkView("看抄表照片", "/photo/")),
    ),
    LineView(
        "水费",
        "15 吨，有 7 吨进了第二阶",
        Decimal("89.00"),
        (
            StepView("用水", "15 吨", "水表 621 → 636，9月26日至10月25日"),
            StepView("第一阶 8 吨 × 5.00", "40.00 元", "今年前 180 吨，之前已用 172 吨"),
            StepView("第二阶 7 吨 × 7.00", "49.00 元", "今年 181 至 260 吨，明年1月重新算起"),
            StepView("本月水费", "¥89.00", is_result=True),
        ),
    ),
)
YEAR = (
    ("12月", "258.91"), ("1月", "262.47"), ("2月", "254.78"), ("3月", "256.93"), ("4月", "259.36"), ("5月", "266.15"),
    ("6月", "279.62"), ("7月", "291.88"), ("8月", "296.27"), ("9月", "284.15"), ("10月", "283.78"), ("11月", "309.45"),
)  # fmt: skip
BILL = BillPage(
    frame=FRAME,
    room="301",
    unit="8栋2单元301",
    period=NOVEMBER,
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 11, 20),
    state=StateView("due", days=8),
    lines=LINES,
    total=Decimal("309.45"),
    steward=STEWARD,
    hours="每天 8:30–18:00",
    change=Decimal("25.67"),
    main_cause="水费",
    changes=(
        ChangeView(
            "水费", "多用 2 吨，多 10.00 元；7 吨进了第二阶，每吨贵 2 元，多 14.00 元", Decimal("24.00")
        ),
        ChangeView("公摊电费", "10月电梯年检试运行，全单元多走 185 度", Decimal("1.67")),
        ChangeView("物业费", "面积和单价都没有变", Decimal("0.00")),
    ),
    notes=("物业费是11月的；公摊电费和水费是 9月26日至10月25日的用量。代收的水电费原价转交，不加手续费。",),
    pay_url="/pay/",
    choose_url="/choose/",
    family_url="/family/",
    pdf_url="/pdf/",
    ask_url="/ask/",
    plan_url="/plan/",
    phone_url="tel:13800001234",
)
PAID_BILL = replace(
    BILL, paid=Decimal("309.45"), state=StateView("paid"), receipt_url="/receipt/", changes=()
)
LATE_BILL = replace(BILL, state=StateView("overdue", days=12), frame=replace(FRAME, as_of=date(2026, 12, 2)))
ELDER_BILL = replace(BILL, frame=replace(FRAME, elder=True))
SHOP = UnitView(
    "南区商业街3号楼底商102-103（合并铺）",
    "出租，租客 王** 代交",
    StateView("paid"),
    Decimal("0.00"),
    "/u/2/",
)
FLAT = UnitView("8栋2单元301", "自住，89.56㎡", StateView("due"), Decimal("309.45"), "/u/1/")
RECEIPTS = (
    RowView("10月账单", "301，10月8日 微信支付", Decimal("283.78"), "/r/1/"),
    RowView("第四季度物业费", "底商102-103，10月6日 租客 王** 银行转账", Decimal("1684.03"), "/r/2/"),
    RowView("9月账单", "301，9月15日 支付宝", Decimal("284.15"), "/r/3/"),
)
HOME = HomePage(
    frame=replace(MEMBER, community="云杉苑（二期）高层住宅南区及沿街商铺"),
    due=(DueView("301", Decimal("309.45"), date(2026, 11, 20), "/bill/"),),
    units=(FLAT, SHOP),
    receipts=RECEIPTS,
    total=Decimal("309.45"),
    family_url="/family/",
    receipts_url="/receipts/",
    prepaid=Decimal("120.00"),
    year=draw_columns(
        [Point(name, Decimal(value), f"¥{value}" if name == "11月" else value) for name, value in YEAR],
        summary="近12个月每月账单：最低是2月 254.78 元，最高是本月 309.45 元",
    ),
    year_room="301",
    year_note="平时 255 到 300 元；夏天用水多些。本月进了水费第二阶，所以最高。",
    steward=STEWARD,
)
HOME_TWO = replace(
    HOME,
    due=(*HOME.due, DueView("底商102-103", Decimal("1684.03"), date(2026, 11, 10), "/bill/2/")),
    total=Decimal("1993.48"),
    pay_url="/pay/",
)
HOME_EMPTY = replace(HOME, due=(), total=Decimal("0.00"), next_bill_on=date(2026, 12, 1), units=(SHOP,))
BILLS = ListPage(
    replace(MEMBER, here="bills"),
    "bills",
    (
        ListYear(
            2026,
            (
                RowView("11月", "301，11月20日前", Decimal("309.45"), "/b/1/", StateView("due", days=8)),
                *RECEIPTS,
            ),
        ),
        ListYear(2025, (RowView("12月", "301", Decimal("258.91"), "/b/2/", StateView("paid")),)),
    ),
)
NO_RECEIPTS = ListPage(replace(MEMBER, here="receipts"), "receipts", ())
CHOOSE = ChoosePage(
    FRAME,
    (
        ChoiceBill(
            "8栋2单元301",
            NOVEMBER,
            date(2026, 11, 20),
            StateView("due", days=8),
            tuple(ChoiceLine(str(i), line.name, line.amount) for i, line in enumerate(LINES)),
        ),
    ),
    "/choose/",
    "/bill/",
)
ROWS = (
    PayRow("8栋2单元301", NOVEMBER, Decimal("309.45")),
    PayRow("底商102-103", OCTOBER, Decimal("1684.03")),
)
PAY = PayPage(
    FRAME,
    ROWS,
    Decimal("1993.48"),
    (PayMethod("wechat", "微信支付", chosen=True), PayMethod("alipay", "支付宝")),
    "/pay/",
    "/bill/",
    hidden=(("key", "1"),),
    choose_url="/choose/",
    payer="李**",
    works_until=date(2026, 11, 19),
)
TO_PAY = PaymentPage(
    FRAME,
    StateView("due"),
    Decimal("1993.48"),
    ROWS,
    "/status/",
    "/bill/",
    wallet="WeChat",
    gateway_url="/wallet/",
    drop_url="/drop/",
)
TO_SCAN = replace(TO_PAY, gateway_url="", qr="https://x/q")
CONFIRMING = replace(TO_PAY, state=StateView("confirming"))
FAMILY = FamilyPage(FRAME, ROWS, Decimal("1993.48"), "https://pay.example/p/eyJbMV0/", "/home/")
UNKNOWN = replace(CONFIRMING, state=StateView("unknown"), known_by=datetime(2026, 11, 13, 10, 0), drop_url="")
PAID = replace(CONFIRMING, state=StateView("paid"), receipt_url="/receipt/", drop_url="")
FAILED = replace(
    CONFIRMING, state=StateView("failed"), reason="这次没连上微信支付。", retry_url="/pay/", drop_url=""
)
RECEIPT = ReceiptPage(
    FRAME,
    "SJ2026-03-001842",
    datetime(2026, 11, 19, 16, 42),
    Decimal("355.00"),
    "李**",
    "微信支付",
    (ReceiptRow("8栋2单元301", NOVEMBER, Decimal("309.45"), Decimal("0.00")),),
    "核销顺序：您指定了这份账单。",
    prepaid_after=Decimal("45.55"),
    pdf_url="/pdf/",
    invoice_url="/invoice/",
    home_url="/home/",
)
LOGIN = LoginPage(
    replace(FRAME, where=""),
    "phone",
    "/login/",
    phone="138",
    error="这个号码不像手机号，请看一下是不是 11 位。",
)
CODE = LoginPage(
    replace(FRAME, where=""), "code", "/login/", phone="138****1234", wait=48, again_url="/login/"
)
ME = MePage(
    replace(MEMBER, here="me"), "李**", "138****1234", (FLAT, SHOP), "/logout/", STEWARD, "tel:13800001234"
)
GONE = MessagePage(
    FRAME,
    "这个链接过期了",
    "为了安全，链接 7 天后失效。登录一下就能看到账单。",
    (LinkView("登录", "/login/"), LinkView("打电话问管家", "tel:1")),
)
PAGES = {
    "bill": ("portal/bill.html", BILL),
    "bill-paid": ("portal/bill.html", PAID_BILL),
    "bill-late": ("portal/bill.html", LATE_BILL),
    "bill-elder": ("portal/bill.html", ELDER_BILL),
    "home": ("portal/home.html", HOME),
    "home-two": ("portal/home.html", HOME_TWO),
    "home-empty": ("portal/home.html", HOME_EMPTY),
    "home-elder": ("portal/home.html", replace(HOME, frame=replace(MEMBER, elder=True), pay_url="/pay/")),
    "bills": ("portal/list.html", BILLS),
    "receipts-none": ("portal/list.html", NO_RECEIPTS),
    "choose": ("portal/choose.html", CHOOSE),
    "pay": ("portal/pay.html", PAY),
    "family": ("portal/family.html", FAMILY),
    "payment-to-pay": ("portal/payment.html", TO_PAY),
    "payment-to-scan": ("portal/payment.html", TO_SCAN),
    "payment-confirming": ("portal/payment.html", CONFIRMING),
    "payment-unknown": ("portal/payment.html", UNKNOWN),
    "payment-paid": ("portal/payment.html", PAID),
    "payment-failed": ("portal/payment.html", FAILED),
    "receipt": ("portal/receipt.html", RECEIPT),
    "login": ("portal/login.html", LOGIN),
    "login-code": ("portal/login.html", CODE),
    "me": ("portal/me.html", ME),
    "message": ("portal/message.html", GONE),
}
