"""Callbacks as the platforms write and sign them. Each function returns the headers and the body of one POST."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from payments.gateways.sandbox import alipay_words, wechat_words
from payments.gateways.sandbox.keys import WECHAT, KeyRing, Merchant
from payments.gateways.sandbox.orders import Order, Refund
from payments.gateways.sandbox.signing import encrypt, join_fields, sign, wechat_headers
from payments.gateways.sandbox.times import clock, rfc3339


@dataclass(frozen=True)
class Post:
    """One request to a merchant's callback address."""

    headers: dict[str, str]
    body: bytes


def write_notice(
    keys: KeyRing,
    merchant: Merchant,
    order: Order,
    *,
    notice_id: str,
    sent_at: int,
    refunds: list[Refund],
    refund: Refund | None = None,
    changes: Mapping[str, Any] | None = None,
) -> Post:
    """Return the signed callback of a payment, or of one refund of it.

    `refunds` are all refunds so far, which Alipay sums. `changes` replaces fields of the content before it is signed:
    a genuine signature under wrong content (P-15); for WeChat a nested amount is given as a whole.
    """
    if merchant.platform == WECHAT:
        if refund is None:
            content = wechat_words.trade(order, merchant, refunded=False)
            event = "TRANSACTION.SUCCESS"
        else:
            content = wechat_words.refund_notice(order, refund, merchant)
            event = "REFUND.SUCCESS"
        return wechat_post(keys, merchant, event, content | dict(changes or {}), notice_id, sent_at)
    fields = alipay_words.notice(order, merchant, refunds=refunds, refund=refund)
    fields |= {"notify_id": notice_id, "notify_time": clock(sent_at)}
    return alipay_post(keys, fields | {name: str(value) for name, value in (changes or {}).items()})


def wechat_post(
    keys: KeyRing, merchant: Merchant, event: str, content: Mapping[str, Any], notice_id: str, sent_at: int
) -> Post:
    """Return a callback of WeChat's: the content sealed for the merchant, the whole signed by the platform."""
    kind = "refund" if event.startswith("REFUND") else "transaction"
    nonce = secrets.token_hex(6)
    notice = {
        "id": notice_id,
        "create_time": rfc3339(sent_at),
        "resource_type": "encrypt-resource",
        "event_type": event,
        "summary": "退款成功" if kind == "refund" else "支付成功",
        "resource": {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": encrypt(merchant.secret, nonce, json.dumps(content, ensure_ascii=False), kind),
            "associated_data": kind,
            "nonce": nonce,
        },
    }
    body = json.dumps(notice, ensure_ascii=False)
    headers = {"Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}
    return Post(headers | wechat_headers(keys.wechat, keys.wechat_key_id, body, sent_at), body.encode())


def alipay_post(keys: KeyRing, fields: Mapping[str, str]) -> Post:
    """Return a notice of Alipay's: a form signed over all fields but `sign` and `sign_type`."""
    form = dict(fields) | {"sign": sign(keys.alipay, join_fields(fields)), "sign_type": "RSA2"}
    return Post(
        {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}, urlencode(form).encode()
    )
