"""What the platform asks of a payment gateway, in words that no platform owns.

Amounts are `Decimal` yuan with two places; a gateway that speaks fen converts at its own border. Times carry a zone.
A gateway never writes, never retries and never decides what a payment means: it asks the platform, verifies the
answer and says exactly what it heard. Whoever calls it must not hold a database transaction open meanwhile.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""The platforms write their times in Beijing's clock; it is part of their protocol, not a setting of ours."""

NOTICE_WINDOW = timedelta(seconds=300)
"""A callback stamped further from now than this is a replay, however good its signature."""

ORDER_NUMBER = re.compile(r"[0-9A-Za-z_]{6,32}")
"""Order and refund numbers both platforms accept."""


@dataclass(frozen=True)
class MerchantConfig:
    """One merchant's account at one platform. Another address and other keys make it a sandbox; nothing else does.

    `gateway` is the registered name ("wechat", "alipay"); `base_url` the platform's address without a path, as
    "https://api.mch.weixin.qq.com" or "https://openapi.alipay.com"; keys are PEM text: `private_key` ours (PKCS 8),
    `platform_key` the platform's public one. WeChat also needs `private_key_serial` (of our certificate),
    `platform_key_id` (PUB_KEY_ID_…) and `secret` (the APIv3 key). `merchant_id` is the WeChat 商户号 or the Alipay PID
    (2088…). `connect_ms` and `read_ms` bound the wait for a connection and for an answer.
    """

    gateway: str
    merchant_id: str
    app_id: str
    base_url: str
    private_key: str = field(repr=False)
    platform_key: str = field(repr=False)
    private_key_serial: str = ""
    platform_key_id: str = ""
    secret: str = field(default="", repr=False)
    connect_ms: int = 2000
    read_ms: int = 5000

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "MerchantConfig":
        """Return the configuration a JSON object holds; keys are the field names. Raises TypeError on others."""
        return cls(**values)


class Scene(StrEnum):
    """Where the payer stands, which decides what a platform must hand out."""

    QR = "qr"
    PHONE = "phone"
    DESKTOP = "desktop"
    IN_APP = "in_app"


@dataclass(frozen=True)
class Order:
    """What the payer shall pay. `amount` is yuan; `expires_at` the moment after which the platform refuses payment.

    `payer_ip` is needed by WeChat's H5 page, `openid` for `Scene.IN_APP`. Raises ValueError on a number or an amount
    no platform would take.
    """

    number: str
    amount: Decimal
    subject: str
    scene: Scene
    notify_url: str
    expires_at: datetime
    return_url: str = ""
    payer_ip: str = ""
    openid: str = ""

    def __post_init__(self) -> None:
        if not ORDER_NUMBER.fullmatch(self.number):
            raise ValueError(f"Order number {self.number!r} must be 6 to 32 letters, digits or underscores.")
        if self.amount <= 0 or self.amount != self.amount.quantize(Decimal("0.01")):
            raise ValueError(f"Order {self.number} has no payable amount: {self.amount}.")


class InstructionKind(StrEnum):
    """What the payer's page must do next."""

    REDIRECT = "redirect"
    QR = "qr"
    JSAPI = "jsapi"


@dataclass(frozen=True)
class PayInstruction:
    """How the payer gets to pay: go to `url`, scan `code`, or call the wallet's bridge with `params`."""

    kind: InstructionKind
    url: str = ""
    code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class PaymentState(StrEnum):
    """What the platform says of an order. ABSENT: it never heard of the number. UNKNOWN: a word we do not know.

    REFUNDED means paid, and some or all of it given back since; a query at Alipay shows that of full refunds only.
    """

    SUCCESS = "success"
    PENDING = "pending"
    CLOSED = "closed"
    REFUNDED = "refunded"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PaymentResult:
    """One order as the platform sees it, verified. Nothing here has been compared with our own order yet (P-15).

    `amount` is the order's total in yuan, `refunded` what was given back where the platform tells; both are None
    where it does not. `payer_account` is masked. `raw` is the platform's own object.
    """

    order_number: str
    state: PaymentState
    transaction_id: str = ""
    amount: Decimal | None = None
    currency: str = ""
    paid_at: datetime | None = None
    merchant_id: str = ""
    app_id: str = ""
    payer_account: str = ""
    refunded: Decimal | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


class RefundState(StrEnum):
    """SUCCESS: the money is back. PENDING: on its way. CLOSED: will not happen. ABNORMAL: a person must help it on."""

    SUCCESS = "success"
    PENDING = "pending"
    CLOSED = "closed"
    ABNORMAL = "abnormal"
    ABSENT = "absent"


@dataclass(frozen=True)
class Refund:
    """A wish to give money back: `amount` of the order's `total`, both yuan. The number makes a repeat harmless."""

    number: str
    order_number: str
    amount: Decimal
    total: Decimal
    reason: str = ""
    notify_url: str = ""


@dataclass(frozen=True)
class RefundResult:
    """One refund as the platform sees it; `amount` is yuan, None where the platform does not tell."""

    number: str
    order_number: str
    state: RefundState
    refund_id: str = ""
    amount: Decimal | None = None
    refunded_at: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Notice:
    """A verified callback. `notice_id` stays the same when the platform repeats itself; `refund` is set for refunds."""

    notice_id: str
    event: str
    payment: PaymentResult
    refund: RefundResult | None = None


@dataclass(frozen=True)
class Answer:
    """What to answer a platform that called us."""

    status: int
    content_type: str
    body: bytes


class RecordKind(StrEnum):
    """Which way the money of a bill row went."""

    PAYMENT = "payment"
    REFUND = "refund"


@dataclass(frozen=True)
class BillRecord:
    """One row of a platform's trade bill. `row` is the line in the file, from 1.

    `amount` is the yuan paid or given back, always positive; `fee` what the platform keeps (negative when it returns
    a fee), with the decimals it prints, which may be finer than a fen. Two rows may look alike and both be real
    (P-31): nothing here identifies a row but its place in the file.
    """

    row: int
    kind: RecordKind
    order_number: str
    transaction_id: str
    happened_at: datetime
    amount: Decimal
    fee: Decimal
    currency: str = "CNY"
    refund_number: str = ""
    refund_id: str = ""
    merchant_id: str = ""
    app_id: str = ""
    payer_account: str = ""
    subject: str = ""
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)


class ErrorCode(StrEnum):
    """Why a platform did not do as asked, where the caller may have to act differently.

    ABSENT no such order or refund; PAID, CLOSED, STATE the order's state forbids it: query it; NO_BILL no trade that
    day; NOT_READY the bill is not made yet; LIMITED too many requests; SILENT no answer or none that can be read;
    UNSIGNED an answer the platform did not sign; UNREACHABLE the request never left; REFUSED anything else.
    """

    ABSENT = "absent"
    PAID = "paid"
    CLOSED = "closed"
    STATE = "state"
    NO_BILL = "no_bill"
    NOT_READY = "not_ready"
    LIMITED = "limited"
    SILENT = "silent"
    UNSIGNED = "unsigned"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


class GatewayError(Exception):
    """A platform did not do as asked.

    `unknown`: it may or may not have done it (a time-out, an answer nobody signed); ask again before deciding, and
    never call it failed. `permanent`: it did not, and will not next time either. Neither: it did not; try later.
    `platform_code` is the platform's own code, for the log and the desk.
    """

    def __init__(
        self,
        message: str,
        *,
        code: ErrorCode,
        permanent: bool = False,
        unknown: bool = False,
        platform_code: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.permanent = permanent
        self.unknown = unknown
        self.platform_code = platform_code


class ForgedNotice(Exception):
    """A callback that must change nothing: `reason` is one word of header, stamp, signature, content, merchant."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class BillRejected(Exception):
    """A trade bill that cannot be trusted as a whole: unreadable, a column missing, or its own totals disagree.

    `row` is the line in the file from 1, or None when the file as such is meant.
    """

    def __init__(self, code: str, message: str, row: int | None = None) -> None:
        super().__init__(f"line {row}: {message}" if row else message)
        self.code = code
        self.message = message
        self.row = row


class Gateway(Protocol):
    """One merchant's line to one platform. Safe to share between threads."""

    config: MerchantConfig

    def create_order(self, order: Order) -> PayInstruction:
        """Register the order and return how to pay it; the same order again is harmless. Raises GatewayError."""

    def query_order(self, number: str) -> PaymentResult:
        """Return what the platform knows of the order, ABSENT included. Raises GatewayError when it cannot tell."""

    def close_order(self, number: str) -> None:
        """Forbid payment of the order from now on; closing twice is fine.

        Raises GatewayError; code PAID or STATE when it is too late, ABSENT when the platform never saw the order (an
        Alipay page nobody opened: its link dies at the order's `expires_at`).
        """

    def refund(self, refund: Refund) -> RefundResult:
        """Give money back; the same refund number again moves nothing. Raises GatewayError."""

    def query_refund(self, number: str, order_number: str) -> RefundResult:
        """Return what the platform knows of the refund, ABSENT included. Raises GatewayError."""

    def read_notice(self, headers: Mapping[str, str], raw_body: bytes, now: datetime) -> Notice:
        """Verify a callback over its raw bytes and return its content.

        Raises ForgedNotice when signature, stamp (±300 s of `now`), merchant or shape is wrong, and a permanent
        GatewayError for a genuine callback of a kind we do not know.
        """

    def acknowledge(self) -> Answer:
        """Return the answer that tells the platform to stop repeating the callback."""

    def refuse(self) -> Answer:
        """Return the answer for a forged callback, or one that could not be stored: the platform will repeat it."""

    def download_bill(self, day: date) -> bytes:
        """Return the trade bill of one day as the platform made it, with its checksum verified where it has one.

        Ready after 10:00 of the next day. Raises GatewayError; code NO_BILL means there was no trade.
        """

    def read_bill(self, raw: bytes) -> list[BillRecord]:
        """Return every row of a trade bill, read by column name.

        Raises BillRejected, for the whole file, when one of its own totals disagrees with its rows (P-34).
        """
