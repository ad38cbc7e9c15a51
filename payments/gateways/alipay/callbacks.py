"""Notices of Alipay: a signed form. Strict outside, then the SDK's signature check over the decoded fields.

The signature covers every field but `sign` and `sign_type`, sorted, so order and percent-coding of the form do not
matter. But the signed text is joined with bare `&` and `=`: a value holding `&` could be cut into other fields under
the same signature, and a field given twice be read differently by different readers. Such forms are refused. Only
RSA2 counts; MD5 and the old RSA are refused whatever they say.
"""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from alipay import AliPay

from payments.gateways.alipay.results import read_payment, read_time
from payments.gateways.base64text import is_canonical_base64
from payments.gateways.interface import (
    NOTICE_WINDOW,
    ErrorCode,
    ForgedNotice,
    GatewayError,
    MerchantConfig,
    Notice,
    PaymentResult,
    RefundResult,
    RefundState,
)

MAX_FIELDS = 100


def read_notice(sdk: AliPay, config: MerchantConfig, raw_body: bytes, now: datetime) -> Notice:
    """Return the verified content of a notice. Raises ForgedNotice, or a permanent GatewayError for an unknown kind."""
    fields = read_form(raw_body)
    check_signature(sdk, fields)
    check_stamp(fields, now)
    if (
        fields.get("app_id") != config.app_id
        or fields.get("seller_id", config.merchant_id) != config.merchant_id
    ):
        raise ForgedNotice("merchant", "another merchant's notice")
    if fields.get("notify_type") != "trade_status_sync":
        raise GatewayError(
            f"A notice of unknown kind {fields.get('notify_type')}.", code=ErrorCode.REFUSED, permanent=True
        )
    try:
        payment = read_payment(fields, merchant_id=config.merchant_id, app_id=config.app_id)
        return Notice(fields["notify_id"], fields["trade_status"], payment, _read_refund(fields, payment))
    except (KeyError, ValueError) as error:
        raise ForgedNotice("content", repr(error)) from error


def read_form(raw_body: bytes) -> dict[str, str]:
    """Return the fields of the form. Raises ForgedNotice for anything but one plain UTF-8 form with each name once."""
    try:
        pairs = parse_qsl(
            raw_body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        raise ForgedNotice("content", "not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ForgedNotice("content", "a field is given twice")
    if any("&" in name + value or "=" in name for name, value in pairs):
        raise ForgedNotice("content", "a field could be cut into several")
    return fields


def check_signature(sdk: AliPay, fields: Mapping[str, str]) -> None:
    """Refuse a form Alipay did not sign with RSA2. Raises ForgedNotice."""
    if fields.get("sign_type") != "RSA2":
        raise ForgedNotice("header", "another algorithm")
    if not is_canonical_base64(fields.get("sign", "")):
        raise ForgedNotice("signature", "not Base64")
    signed = {name: value for name, value in fields.items() if name != "sign"}
    if not sdk.verify(signed, fields["sign"]):
        raise ForgedNotice("signature", "not signed by Alipay")


def check_stamp(fields: Mapping[str, str], now: datetime) -> None:
    """Refuse a notice sent more than NOTICE_WINDOW before or after now. Raises ForgedNotice.

    Alipay stamps each repeat with the time it sends it. Should one come late on the road, the query finds the payment.
    """
    try:
        sent_at = read_time(fields.get("notify_time"))
    except ValueError as error:
        raise ForgedNotice("stamp", "not a time") from error
    if sent_at is None or abs(now - sent_at) > NOTICE_WINDOW:
        raise ForgedNotice("stamp", "too far from now")


def _read_refund(fields: Mapping[str, str], payment: PaymentResult) -> RefundResult | None:
    """Return the refund a notice tells of; Alipay gives the sum of all refunds, so no single amount is known."""
    if not fields.get("gmt_refund"):
        return None
    return RefundResult(
        number=fields.get("out_biz_no", ""),
        order_number=payment.order_number,
        state=RefundState.SUCCESS,
        refund_id=payment.transaction_id,
        refunded_at=read_time(fields["gmt_refund"]),
        raw=fields,
    )
