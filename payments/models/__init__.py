"""Money on its way in: merchants, intents, notices, receipts, prepayments, and what stands on the desk."""

from payments.models.billfiles import BillFileRead
from payments.models.deposits import Deposit, DepositKind
from payments.models.desk import Doubt, PaymentException
from payments.models.intents import Intent, IntentPart, IntentState
from payments.models.merchants import Inside, MerchantAccount, Order, PaymentPolicy
from payments.models.notices import GatewayNotice, NoticeState
from payments.models.payouts import Payout, PayoutKind
from payments.models.prepayments import PrepaymentEntry
from payments.models.receipts import Channel, Receipt, ReceiptPrint, ReceiptSeries
from payments.models.requests import MoneyRequest
from payments.models.transfers import TransferSettlement

__all__ = [
    "BillFileRead",
    "Channel",
    "Deposit",
    "DepositKind",
    "Doubt",
    "GatewayNotice",
    "Inside",
    "Intent",
    "IntentPart",
    "IntentState",
    "MerchantAccount",
    "MoneyRequest",
    "NoticeState",
    "Order",
    "PaymentException",
    "PaymentPolicy",
    "Payout",
    "PayoutKind",
    "PrepaymentEntry",
    "Receipt",
    "ReceiptPrint",
    "ReceiptSeries",
    "TransferSettlement",
]
