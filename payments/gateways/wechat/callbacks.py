"""Callbacks of WeChat Pay: strict outside, then the SDK's signature check and decryption over the raw bytes.

The SDK accepts more than it should: any age, any Base64 with rubbish in it, and an unknown serial number makes it ask
the platform for certificates, so that a stranger's request would cause one of ours. Those doors are shut first.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wechatpayv3 import WeChatPay

from payments.gateways.base64text import is_canonical_base64
from payments.gateways.interface import (
    NOTICE_WINDOW,
    ErrorCode,
    ForgedNotice,
    GatewayError,
    MerchantConfig,
    Notice,
)
from payments.gateways.wechat.results import read_payment, read_refund, read_refunded_payment

ALGORITHM = "WECHATPAY2-SHA256-RSA2048"
HEADERS = ("signature", "timestamp", "nonce", "serial", "signature-type")
STAMP = re.compile(r"[0-9]{10,11}")


def read_notice(
    sdk: WeChatPay, config: MerchantConfig, headers: Mapping[str, str], raw_body: bytes, now: datetime
) -> Notice:
    """Return the verified content of a callback. Raises ForgedNotice; GatewayError for an unknown kind."""
    signed = read_headers(headers)
    check_stamp(signed["wechatpay-timestamp"], now)
    if signed["wechatpay-serial"] != config.platform_key_id:
        raise ForgedNotice("header", "another serial number")
    event = decrypt_event(sdk, signed, raw_body)
    if event["resource"].get("mchid") != config.merchant_id:
        raise ForgedNotice("merchant", "another merchant's notice")
    try:
        return _read_event(event, config)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ForgedNotice("content", repr(error)) from error


def read_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the five signature headers by lower-case name. Raises ForgedNotice when one is missing or malformed."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        signed = {f"wechatpay-{name}": given[f"wechatpay-{name}"] for name in HEADERS}
    except KeyError as error:
        raise ForgedNotice("header", f"{error} is missing") from error
    if signed["wechatpay-signature-type"] != ALGORITHM:
        raise ForgedNotice("header", "another algorithm")
    if not is_canonical_base64(signed["wechatpay-signature"]):
        raise ForgedNotice("signature", "not Base64")
    return signed


def check_stamp(stamp: str, now: datetime) -> None:
    """Refuse a callback signed more than NOTICE_WINDOW before or after now. Raises ForgedNotice."""
    if not STAMP.fullmatch(stamp):
        raise ForgedNotice("stamp", "not a time")
    if abs(now.timestamp() - int(stamp)) > NOTICE_WINDOW.total_seconds():
        raise ForgedNotice("stamp", "too far from now")


def decrypt_event(sdk: WeChatPay, signed: Mapping[str, str], raw_body: bytes) -> dict[str, Any]:
    """Return the callback's object with `resource` decrypted. Raises ForgedNotice."""
    try:
        event = sdk.callback(signed, raw_body)
    except Exception as error:  # the SDK raises bare Exception, and whatever a hostile body provokes
        raise ForgedNotice("content", repr(error)) from error
    if not event:
        raise ForgedNotice("signature", "not signed by the platform, or not encrypted for us")
    if not isinstance(event["resource"], dict) or not isinstance(event.get("event_type"), str):
        raise ForgedNotice("content", "not a notice")
    return dict(event)


def _read_event(event: Mapping[str, Any], config: MerchantConfig) -> Notice:
    resource = event["resource"]
    kind = event["event_type"]
    if kind.startswith("TRANSACTION."):
        payment, refund = read_payment(resource), None
        if payment.app_id != config.app_id:
            raise ForgedNotice("merchant", "another app's notice")
    elif kind.startswith("REFUND."):
        payment, refund = read_refunded_payment(resource, config.app_id), read_refund(resource)
    else:
        raise GatewayError(f"A notice of unknown kind {kind}.", code=ErrorCode.REFUSED, permanent=True)
    return Notice(notice_id=str(event["id"]), event=kind, payment=payment, refund=refund)
