"""The chart of accounts every company starts with.

Codes follow the Enterprise Accounting Standards (1122 应收账款, 2204 合同负债, 6001 主营业务收入 …); the two
digits after a standard code are ours. Names are catalogue strings: stored as written here, translated where
shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from ledger.models import LedgerAccountKind as Kind

CASH = "1001"
BANK = "1002"
WECHAT = "101201"
ALIPAY = "101202"
RECEIVABLE = "1122"
PREPAYMENT = "2203"
CONTRACT_LIABILITY = "2204"
TAX_PAYABLE = "2221"
ON_BEHALF = "224101"
DEPOSIT = "224102"
SUSPENSE = "224103"
OPENING = "4199"
REVENUE = "6001"
WAIVER = "6002"
DISCOUNT = "6003"
OTHER_INCOME = "6051"
LATE_FEE = "6301"
CHANNEL_FEE = "6603"
WRITE_OFF = "6711"


@dataclass(frozen=True)
class ChartAccount:
    """One line of the chart: code, name (a catalogue string) and side of the books."""

    code: str
    name: str
    kind: Kind


CHART = (
    ChartAccount(CASH, _("Cash"), Kind.ASSET),
    ChartAccount(BANK, _("Bank clearing"), Kind.ASSET),
    ChartAccount(WECHAT, _("WeChat Pay clearing"), Kind.ASSET),
    ChartAccount(ALIPAY, _("Alipay clearing"), Kind.ASSET),
    ChartAccount(RECEIVABLE, _("Fees receivable"), Kind.ASSET),
    ChartAccount(PREPAYMENT, _("Prepayments of owners"), Kind.LIABILITY),
    ChartAccount(CONTRACT_LIABILITY, _("Billed ahead of service"), Kind.LIABILITY),
    ChartAccount(TAX_PAYABLE, _("Tax payable"), Kind.LIABILITY),
    ChartAccount(ON_BEHALF, _("Collected on behalf of others"), Kind.LIABILITY),
    ChartAccount(DEPOSIT, _("Deposits held"), Kind.LIABILITY),
    ChartAccount(SUSPENSE, _("Receipts not yet identified"), Kind.LIABILITY),
    ChartAccount(OPENING, _("Opening balances"), Kind.LIABILITY),
    ChartAccount(REVENUE, _("Property-service revenue"), Kind.INCOME),
    ChartAccount(WAIVER, _("Waived fees"), Kind.INCOME),
    ChartAccount(DISCOUNT, _("Discounts given"), Kind.INCOME),
    ChartAccount(OTHER_INCOME, _("Other income"), Kind.INCOME),
    ChartAccount(LATE_FEE, _("Late fees"), Kind.INCOME),
    ChartAccount(CHANNEL_FEE, _("Payment channel fees"), Kind.EXPENSE),
    ChartAccount(WRITE_OFF, _("Written-off debt"), Kind.EXPENSE),
)


def revenue_code(number: int) -> str:
    """The code of a company's revenue account with this number, counted from 1.

    >>> revenue_code(1)
    '600101'
    """
    return f"{REVENUE}{number:02d}"
