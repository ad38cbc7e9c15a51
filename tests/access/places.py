"""Three communities with one of everything, and the people who try the doors: own, next door, another company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from billing.links import make_pay_link
from billing.models import (
    Bill,
    BillRun,
    ChargeAccount,
    Contract,
    CorrectionRequest,
    DiscountKind,
    DiscountRule,
    FeeItem,
    LateFeePause,
    OpeningImport,
    PoolResharing,
    PoolResult,
    RequestState,
    RunProblem,
    RunSample,
    SupplierBill,
    TariffVersion,
    UnitChange,
    UnitCoefficient,
)
from core.audit import record
from estates.models import (
    Community,
    Company,
    Meter,
    Person,
    Reading,
    ReadingCheck,
    RosterImport,
    Unit,
    VacancyEntitlement,
    VacancyPhoto,
)
from ledger.models import JournalEntry
from messaging.models import MessageTemplate, OutboundMessage
from payments.models import (
    BillFileRead,
    Channel,
    DepositKind,
    Doubt,
    GatewayNotice,
    MerchantAccount,
    PaymentPolicy,
    PayoutKind,
    PrepaymentEntry,
)
from payments.services.booking import Incoming, book_receipt
from payments.services.deposits import DepositDraft, take_deposit
from payments.services.doubts import open_doubt
from payments.services.intents import create_intent, drop_intent
from payments.services.payouts import PayoutDraft, open_payout
from tests.billing.discounts import make_rule
from tests.billing.factories import NOVEMBER, issue_bill, make_account, make_community
from users.models import User
from users.roles import Role
from users.services.owners import find_or_create_owner
from users.services.staff import grant_role

NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
LONG_AGO = date(2020, 1, 1)


@dataclass(frozen=True)
class Place:
    """A community; `things` holds the number of one of everything by the names of `expected.txt`."""

    community: Community
    things: dict[str, str]


def make_place(code: str, *, company: Company | None, phone: str) -> Place:
    """A community whose flat 8-2-301 belongs to whoever has the phone."""
    community = make_community(code, company=company)
    account = make_account(community, "8-2-301", f"业主 {code}", start=LONG_AGO)
    Person.objects.filter(pk=account.payer_id).update(phone=phone)
    bill = issue_bill(account, {"property": "100.00"})
    register = _make_register(community, account.unit)
    run = _make_run(community, account.unit)
    Bill.objects.filter(pk=bill.pk).update(run=run["run"])
    merchant = MerchantAccount.objects.create(
        community=community,
        gateway="wechat",
        merchant_id=f"19{community.pk:08}",
        app_id=f"wx{community.pk:016}",
        secret_name=code,
        slug=f"{code}-wechat",
    )
    line = bill.lines.get()
    money = _make_money(merchant, account.pk, line.pk)
    things: dict[str, Any] = {
        "community": community.pk,
        "code": community.code,
        "building": account.unit.building_id,
        "unit": account.unit_id,
        "person": account.payer_id,
        "account": account.pk,
        "bill": bill.number,
        "bill_id": bill.pk,
        "line": line.pk,
        "entry": JournalEntry.objects.filter(community_id=community.pk).earliest("pk").pk,
        "link": make_pay_link([bill.pk], NOVEMBER.start).rstrip("/").rpartition("/")[2],
        "merchant": merchant.slug,
        "merchant_id": merchant.pk,
        **register,
        "request": _ask(bill, code).pk,
        "change": _ask_for_change(account.unit).pk,
        **_apply_for_vacancy(account.unit),
        "discount": _propose_discount(community).pk,
        "pause": _pause(account).pk,
        **run,
        **money,
        **_make_messages(community, account.payer),
    }
    return Place(community, {name: str(value) for name, value in things.items()})


def _propose_discount(community: Community) -> DiscountRule:
    """A rule proposed by somebody who asks in no test."""
    return make_rule(
        community, DiscountKind.ON_TIME, percent=Decimal("2.00"), state=RequestState.REQUESTED, decided_by=""
    )


def _ask(bill: Bill, code: str) -> CorrectionRequest:
    """A request of somebody who asks in no test."""
    clerk = User.objects.create(username=f"clerk of {code}", is_staff=True)
    return CorrectionRequest.objects.create(
        community=bill.community,
        bill=bill,
        kind="waiver",
        amount=Decimal("1.00"),
        reason="漏水",
        requested_by=clerk,
        requested_at=NOW,
    )


def _ask_for_change(unit: Unit) -> UnitChange:
    """A change that somebody asks for who asks in no test."""
    return UnitChange.objects.create(
        community=unit.community,
        unit=unit,
        kind="area",
        first_day=LONG_AGO,
        value=Decimal(90),
        reason="实测",
        requested_by="nobody",
        requested_at=NOW,
    )


def _pause(account: ChargeAccount) -> LateFeePause:
    return LateFeePause.objects.create(
        community=account.community,
        account=account,
        cause="other",
        first_day=LONG_AGO,
        reason="协商",
        source="change:0",
        approved_by="nobody",
        written_at=NOW,
    )


def _apply_for_vacancy(unit: Unit) -> dict[str, int]:
    """An application of nobody, with a photo that was never kept."""
    vacancy = VacancyEntitlement.objects.create(
        unit=unit, start=LONG_AGO, share=1, reason="空着", recorded_by="nobody", recorded_at=NOW
    )
    photo = VacancyPhoto.objects.create(vacancy=vacancy, photo="")
    return {"vacancy": vacancy.pk, "vacancy_photo": photo.pk}


def _make_register(community: Community, unit: Unit) -> dict[str, Any]:
    meter = Meter.objects.create(community=community, unit=unit, code=f"W-{community.code}", kind="water")
    reading = Reading.objects.create(meter=meter, read_on=LONG_AGO, value=Decimal(1))
    check = ReadingCheck.objects.create(meter=meter, reason="skipped", read_on=LONG_AGO, noticed_on=LONG_AGO)
    roster = RosterImport.objects.create(
        community=community, file_name="名册.xlsx", file_hash="0" * 64, imported_at=NOW
    )
    opening = OpeningImport.objects.create(
        community=community, file_name="期初.xlsx", file_hash="0" * 64, as_of=LONG_AGO, imported_at=NOW
    )
    contract = Contract.objects.create(
        community=community, number="2026-01", kind="committee", price_basis="lump_sum", start=LONG_AGO
    )
    with transaction.atomic():
        audit = record(action="billing.waive", target="billing.line:1", community_id=community.pk)
    return {
        "meter": meter.pk,
        "reading": reading.pk,
        "reading_check": check.pk,
        "roster": roster.pk,
        "opening": opening.pk,
        "contract": contract.pk,
        "audit": audit.pk,
    }


def _make_run(community: Community, unit: Unit) -> dict[str, Any]:
    item = FeeItem.objects.get(community=community, code="property")
    tariff = TariffVersion.objects.create(
        fee_item=item, method="fixed", price=Decimal("0.80"), start=LONG_AGO
    )
    run = BillRun.objects.create(
        community=community,
        period_start=NOVEMBER.start,
        period_end=NOVEMBER.end,
        due_on=date(2026, 11, 20),
        opened_at=NOW,
    )
    sample = RunSample.objects.create(run=run, seed="a1", bill_ids=[], drawn_by="抽样人", drawn_at=NOW)
    problem = RunProblem.objects.create(run=run, unit=unit.code, code="billing.no_area", message="没有面积")
    pool = PoolResult.objects.create(
        fee_item=item,
        run=run,
        applies_to="*",
        meter_code="P1",
        period_start=NOVEMBER.start,
        period_end=NOVEMBER.end,
        opening=0,
        closing=1,
        use=1,
        price=Decimal("0.80"),
        amount=Decimal("0.80"),
        key="area",
        tariff_version=tariff,
        unit_ids=[unit.pk],
        weights=[1],
        shares_fen=[80],
    )
    resharing = PoolResharing.objects.create(
        community=community, pool=pool, reason="漏了一户", requested_by="nobody", requested_at=NOW
    )
    supplier_bill = SupplierBill.objects.create(
        community=community,
        meter_code="P1",
        period_start=NOVEMBER.start,
        period_end=NOVEMBER.end,
        amount=Decimal("300.00"),
        recorded_at=NOW,
    )
    coefficient = UnitCoefficient.objects.create(unit=unit, name="lift", value=Decimal(2), start=LONG_AGO)
    return {
        "supplier_bill": supplier_bill.pk,
        "coefficient": coefficient.pk,
        "fee_item": item.pk,
        "tariff": tariff.pk,
        "run": run.pk,
        "sample": sample.pk,
        "problem": problem.pk,
        "pool": pool.pk,
        "resharing": resharing.pk,
    }


def _make_money(merchant: MerchantAccount, account_id: int, line_id: int) -> dict[str, Any]:
    intent = create_intent(wanted={line_id: None}, gateway="wechat", now=NOW, opened_by_link=True)
    drop_intent(intent_id=intent.pk, now=NOW)
    incoming = Incoming(account_id, Channel.CASH, Decimal("150.00"), NOW, taken_by="somebody")
    receipt = book_receipt(incoming=incoming, now=NOW)
    notice = GatewayNotice.objects.create(
        merchant=merchant, headers={}, body=b"{}", sha256="0" * 64, received_at=NOW
    )
    doubt = open_doubt(merchant=merchant, kind=Doubt.UNKNOWN_ORDER, reference="4200", now=NOW)
    read = BillFileRead.objects.create(
        merchant=merchant, day=NOW.date() - timedelta(days=1), record_count=0, amount=0, read_at=NOW
    )
    clerk = User.objects.create(username=f"desk of {merchant.community.code}", is_staff=True)
    account = ChargeAccount.objects.get(pk=account_id)
    deposit = take_deposit(
        account=account,
        draft=DepositDraft(DepositKind.ACCESS_CARD, Decimal("50.00"), Channel.CASH),
        by=clerk,
        now=NOW,
    )
    draft = PayoutDraft(PayoutKind.REFUND, Decimal("50.00"), "卡还了", Channel.CASH)
    payout = open_payout(account=account, draft=draft, by=clerk, now=NOW, deposit=deposit)
    return {
        "deposit": deposit.pk,
        "payout": payout.pk,
        "intent": intent.number,
        "intent_id": intent.pk,
        "receipt": receipt.pk,
        "prepayment": PrepaymentEntry.objects.get(account_id=account_id).pk,
        "notice": notice.pk,
        "exception": doubt.pk,
        "bill_file": read.pk,
        "policy": PaymentPolicy.objects.get_or_create(community=merchant.community)[0].pk,
    }


def _make_messages(community: Community, payer: Person) -> dict[str, Any]:
    template = MessageTemplate.objects.create(
        community=community, kind="bill.notice", subject="账单", body="您好"
    )
    message = OutboundMessage.objects.create(
        dedupe_key=f"{community.code}:1",
        community=community,
        person=payer,
        kind="bill.notice",
        not_before=NOW,
    )
    clerk = User.objects.create(username=f"clerk-{community.code}", is_staff=True)
    grant_role(user=clerk, role=Role.CASHIER, company=community.company, community=community, by=None)
    return {"template": template.pk, "message": message.pk, "clerk": clerk.pk}


@dataclass(frozen=True)
class Somebody:
    """Who tries the doors: a letter of `expected.txt` (empty: nobody logged in) and the places in his scope."""

    user: User | None
    letter: str
    sees: tuple[str, ...]


def make_people(places: dict[str, Place]) -> dict[str, Somebody]:
    """The nine of the plan, by name. Places: own and next_door of one company, elsewhere of another."""
    own, elsewhere = places["own"].community, places["elsewhere"].community
    house, company = ("own",), ("own", "next_door")

    def staff(name: str, role: Role, community: Community, *, everywhere: bool = False) -> User:
        user = User.objects.create(username=name, is_staff=True)
        where = None if everywhere else community
        grant_role(user=user, role=role, company=community.company, community=where, by=None)
        return User.objects.get(pk=user.pk)

    return {
        "anonymous": Somebody(None, "", ()),
        "owner": Somebody(find_or_create_owner(phone="13800000001"), "O", house),
        "former owner": Somebody(_make_former_owner(own), "O", ()),
        "cashier": Somebody(staff("cashier", Role.CASHIER, own), "C", house),
        "manager": Somebody(staff("manager", Role.MANAGER, own), "M", house),
        "engineer": Somebody(staff("engineer", Role.ENGINEER, own), "E", house),
        "finance of the company": Somebody(
            staff("finance", Role.FINANCE, own, everywhere=True), "F", company
        ),
        "admin of the company": Somebody(
            staff("admin", Role.COMPANY_ADMIN, own, everywhere=True), "A", company
        ),
        "admin of another company": Somebody(
            staff("other", Role.COMPANY_ADMIN, elsewhere, everywhere=True), "A", ("elsewhere",)
        ),
    }


def _make_former_owner(community: Community) -> User:
    """Who held the flat until 2020, when the owner of today came."""
    unit = Unit.objects.get(community=community, code="8-2-301")
    person = Person.objects.create(company=community.company, name="前业主", phone="13800000009")
    unit.occupancies.create(person=person, start=date(2015, 1, 1), end=LONG_AGO, is_payer=True)
    return find_or_create_owner(phone=person.phone)
