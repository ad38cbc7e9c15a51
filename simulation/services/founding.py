"""Founding: company, community, log-ins, merchants, policies; then roster and tariffs, as a clerk would import them."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path

import xlsxwriter
from django.conf import settings
from django.db import transaction

from billing.models import Bill, BillRun, DiscountKind, DiscountRule, FeeItem, LateFeePolicy, RunSchedule
from billing.selectors.outstanding import bills_with_outstanding
from billing.services.discount_rules import approve_rule, propose_rule
from billing.services.tariffs import import_tariffs
from core.calendars import moment_of
from core.tables.reader import OpenedFile, open_bytes
from estates.models import Community, Company, Person, PersonKind, VacancyPolicy
from estates.services.communities import create_community
from estates.services.roster import import_roster
from payments.models import MerchantAccount, PaymentPolicy
from payments.selectors.merchants import secrets_folder
from simulation.domain.community import SyntheticCommunity
from simulation.domain.files import Rows, roster_rows, tariff_rows
from users.models import User
from users.roles import Role
from users.services.staff import grant_role

CODE, NAME = "yunshan", "云杉苑"
STAFF = {
    Role.COMPANY_ADMIN: ("admin", "郑", "国华"),
    Role.MANAGER: ("manager", "周", "晓岚"),
    Role.CASHIER: ("cashier", "陈", "静"),
    Role.FINANCE: ("finance", "林", "悦"),
    Role.ENGINEER: ("engineer", "高", "强"),
}
LATE_FEE = {
    "percent": Decimal("0.05"),
    "grace_days": 15,
    "cap_percent": Decimal(100),
    "clause": "物业服务合同第十三条",
}
VACANCY = {"share": Decimal("0.7"), "months": 3, "clause": "物业服务合同第九条"}
GIFT = {
    "kind": DiscountKind.MONTHS,
    "name": "预交一年送一个月",
    "months": 12,
    "gift_months": 1,
    "reason": "物业服务合同补充协议一",
}
WORD_FILE = "demo-password"
OWNER_HINT = "code in outbox/messages.jsonl of the state folder"


@dataclass(frozen=True)
class Founded:
    """What was founded, and who acts in it: one person bills, another reviews."""

    community: Community
    clerk: User
    manager: User


def found_community(plan: SyntheticCommunity, *, start: date) -> Founded:
    """Make the community that begins on ``start``, a month before its first run; it must not exist yet."""
    now = moment_of(start, time(9))
    with transaction.atomic():
        company = _create_company()
        community = create_community(code=CODE, name=NAME, by=None, company=company)
        _describe(community)
        staff = _create_staff(company)
        _create_merchants(community)
        RunSchedule.objects.create(community=community, start=start, issues=True)
        PaymentPolicy.objects.create(community=community)
        LateFeePolicy.objects.create(community=community, start=start, **LATE_FEE)
    clerk = staff[Role.CASHIER]
    roster = as_workbook("roster.xlsx", roster_rows(plan))
    import_roster(community=community, file=roster, by=clerk, today=start, now=now)
    manager = staff[Role.MANAGER]
    import_tariffs(community=community, file=as_csv("tariffs.csv", tariff_rows(plan, start)), by=manager)
    _agree_on_less(community, start, clerk, manager, now)
    return Founded(community, clerk, manager)


def _agree_on_less(community: Community, start: date, clerk: User, manager: User, now: datetime) -> None:
    """What the contract grants: less for empty units after three months, a month free for a year paid ahead."""
    VacancyPolicy.objects.create(community=community, start=start, **VACANCY)
    item = FeeItem.objects.get(community=community, code="wuye")
    item.honours_vacancy = True
    item.save(update_fields=["honours_vacancy"])
    rule = DiscountRule(community=community, fee_item=item, start=start, **GIFT)
    propose_rule(rule=rule, by=clerk, now=now)
    approve_rule(rule=rule, by=manager, now=now)


def _create_company() -> Company:
    return Company.objects.create(
        name="云杉物业服务有限公司",
        credit_code="91330100MA2TEST0X1",
        address="云杉市松青路 18 号",
        phone="0571-88880000",
        bank_name="云杉银行松青路支行",
        bank_account="6222000011110418",
    )


def _describe(community: Community) -> None:
    """Give the community an address, a steward, and the developer who owes for unsold units."""
    developer = Person.objects.create(
        company=community.company, name="云杉置业有限公司", kind=PersonKind.LEGAL
    )
    Community.objects.filter(pk=community.pk).update(
        city="云杉市",
        address="云杉市松青路 18 号",
        steward_name="周晓岚",
        service_phone="0571-88880000",
        service_hours="8:30–18:00",
        developer=developer,
    )
    community.refresh_from_db()


def _create_staff(company: Company) -> dict[Role, User]:
    word = demo_password()
    staff = {}
    for role, (username, family_name, given_name) in STAFF.items():
        user = User(username=username, last_name=family_name, first_name=given_name, is_staff=True)
        user.set_password(word)
        user.save()
        grant_role(user=user, role=role, company=company, community=None, by=None)
        staff[role] = user
    return staff


def write_logins(community: Community) -> None:
    """Leave the log-ins where ``serve`` finds and prints them, readable by us alone."""
    word = demo_password()
    staff = [{"role": str(role.label), "name": STAFF[role][0], "password": word} for role in STAFF]
    owner = _find_neighbour(community)
    phone = {"role": str(Role.OWNER.label), "name": owner.phone, "password": OWNER_HINT} if owner else None
    path = Path(settings.STATE_DIR) / "logins.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps([*staff, *([phone] if phone else [])], ensure_ascii=False), encoding="utf-8")


def _find_neighbour(community: Community) -> Person | None:
    """The owner to look over the shoulder of: one who has the newest bill to pay and no other; else the first."""
    owed = bills_with_outstanding(Bill.objects.filter(community=community)).filter(outstanding__gt=0)
    owing = Counter(owed.values_list("account__payer_id", flat=True))
    newest = owed.filter(run=BillRun.objects.filter(community=community).latest("period_start"))
    tidy = [payer for payer in newest.values_list("account__payer_id", flat=True) if owing[payer] == 1]
    reachable = Person.objects.filter(accounts__community=community).exclude(phone="").order_by("pk")
    return reachable.filter(pk__in=tidy).first() or reachable.first()


def demo_password() -> str:
    """The one password of the demo's log-ins: made once for this state folder and kept there, for us alone."""
    path = Path(settings.STATE_DIR) / WORD_FILE
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"nuanlin-{secrets.token_hex(4)}\n")
    return path.read_text().strip()


def _create_merchants(community: Community) -> None:
    """Open the accounts whose keys the platform left in the folder of merchants' secrets."""
    for path in sorted(secrets_folder().glob("*.json")):
        config = json.loads(path.read_text())
        MerchantAccount.objects.create(
            community=community,
            gateway=config["gateway"],
            merchant_id=config["merchant_id"],
            app_id=config["app_id"],
            secret_name=path.stem,
            slug=f"{community.code}-{config['gateway']}",
        )


def as_workbook(name: str, rows: Rows) -> OpenedFile:
    """Rows as an .xlsx file, every cell as text, opened as an upload would be."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet("房屋")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return open_bytes(out.getvalue(), name)


def as_csv(name: str, rows: Sequence[Sequence[str]]) -> OpenedFile:
    """Rows as a .csv file, opened as an upload would be."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return open_bytes(out.getvalue().encode(), name)
