"""Forged and altered notices of Alipay."""

import hashlib
import json
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1

from payments.gateways.sandbox.keys import ALIPAY
from payments.gateways.sandbox.notices import alipay_post
from payments.gateways.sandbox.signing import join_fields, sign
from tests.payments.gateways.forgeries import ODD_BODIES, XML_BODIES, flip, spoil_signature, spread
from tests.payments.gateways.platforms import Platform, Vector

Fields = dict[str, str]


def forge(platform: Platform, now: datetime, *, number: str, amount: int) -> Iterator[Vector]:
    """Yield every forgery of one order's notice."""
    true = platform.payment(ALIPAY, number=number, amount=amount, sent_at=now)
    fields = dict(parse_qsl(true.body.decode(), keep_blank_values=True))
    yield from _spoiled_fields(true, fields)
    yield from _spoiled_signatures(platform, true, fields)
    yield from _spoiled_forms(true, fields)
    yield from _strangers(platform, now, number=number, amount=amount)
    yield from _signed_nonsense(platform, now, fields)


def _form(true: Vector, fields: Fields, how: str) -> Vector:
    return _raw(true, urlencode(fields).encode(), how)


def _raw(true: Vector, body: bytes, how: str) -> Vector:
    return replace(true, name=f"alipay {how}", body=body)


def _spoiled_fields(true: Vector, fields: Fields) -> Iterator[Vector]:
    for name, value in fields.items():
        yield _form(true, {key: fields[key] for key in fields if key != name}, f"{name} missing")
        yield _form(true, fields | {name: ""}, f"{name} empty")
        yield _form(true, fields | {name: flip(value, 0)}, f"{name} flipped at the start")
        yield _form(true, fields | {name: flip(value, len(value) // 2)}, f"{name} flipped in the middle")
        yield _form(true, fields | {name: f"{value} "}, f"{name} with a blank")
        if name != "sign":
            yield _raw(true, true.body + b"&" + urlencode({name: value}).encode(), f"{name} given twice")
    for name in ("refund_fee", "passback_params", "gmt_refund", "__proto__", "trade_status "):
        yield _form(true, fields | {name: "1.00"}, f"{name} added")
    for text in ("0.01", "309.46", "3094.5", "309.450", "+309.45", "3.0945e2", "３０９.45", "NaN", "-1"):
        yield _form(true, fields | {"total_amount": text}, f"total_amount {text}")


def _spoiled_signatures(platform: Platform, true: Vector, fields: Fields) -> Iterator[Vector]:
    for how, signature in spoil_signature(fields["sign"]):
        yield _form(true, fields | {"sign": signature}, f"sign {how}")
    text = join_fields({name: value for name, value in fields.items() if name not in ("sign", "sign_type")})
    old = b64encode(
        platform.keys.alipay.sign(text.encode(), PKCS1v15(), SHA1())
    ).decode()  # the platform's old RSA
    digest = hashlib.md5(f"{text}secret".encode()).hexdigest()
    for kind, signature in (
        ("RSA", old),
        ("RSA2", old),
        ("MD5", digest),
        ("RSA2", digest),
        ("RSA", fields["sign"]),
    ):
        yield _form(true, fields | {"sign_type": kind, "sign": signature}, f"{kind} with {signature[:6]}")
    for kind in ("MD5", "rsa2", "DSA", "HMAC", "none", "RSA2 ", "RSA2,MD5"):
        yield _form(true, fields | {"sign_type": kind}, f"sign_type {kind!r}")
    with_type = sign(platform.keys.alipay, f"{text}&sign_type=RSA2")
    yield _form(true, fields | {"sign": with_type}, "signed with its sign_type")
    unsorted = "&".join(
        f"{name}={fields[name]}" for name in sorted(fields, reverse=True) if not name.startswith("sign")
    )
    yield _form(true, fields | {"sign": sign(platform.keys.alipay, unsorted)}, "signed in another order")


def _spoiled_forms(true: Vector, fields: Fields) -> Iterator[Vector]:
    """Yield forms that lax readers take for another form: merged and split fields, other notations."""
    names = sorted(set(fields) - {"sign", "sign_type"})
    for first, second in pairwise(names):
        rest = {name: fields[name] for name in fields if name != second}
        yield _form(
            true, rest | {first: f"{fields[first]}&{second}={fields[second]}"}, f"{second} hidden in {first}"
        )
    for at in spread(len(true.body), 60):
        yield _raw(true, flip(true.body.decode(), at).encode(), f"byte {at} flipped")
    quoted = quote(fields["sign"], safe="").encode()
    yield _raw(true, true.body.replace(quoted, fields["sign"].encode()), "sign unquoted")
    yield _raw(true, json.dumps(fields).encode(), "as JSON")
    yield _raw(true, true.body[: len(true.body) // 2], "cut")
    yield _raw(true, true.body.replace(b"&", b";"), "semicolons")
    yield _raw(true, true.body + b"&", "loose ampersand")
    yield _raw(true, urlencode(fields, encoding="gbk").encode(), "in GBK")
    yield _raw(true, "&".join(f"{name}={value}" for name, value in fields.items()).encode(), "unquoted")
    yield _raw(
        true, urlencode({name: quote(value) for name, value in fields.items()}).encode(), "quoted twice"
    )
    for how, body in (XML_BODIES | ODD_BODIES).items():
        yield _raw(true, body, how)


def _strangers(platform: Platform, now: datetime, **order: Any) -> Iterator[Vector]:
    """Yield notices that are well made but not by Alipay, not for us, or not now."""
    stranger = platform.stranger()
    for at in range(10):
        yield stranger.payment(
            ALIPAY, sent_at=now, notice_id=f"n{at}", name=f"alipay stranger's key {at}", **order
        )
    second = platform.merchants(ALIPAY)[1]
    for at in range(10):
        yield platform.payment(
            ALIPAY,
            sent_at=now,
            merchant=second,
            notice_id=f"n{at}",
            name=f"alipay other merchant {at}",
            **order,
        )
    for seconds in (-302, -303, -600, -3600, -86400, -6 * 365 * 86400, 302, 600, 3600, 86400):
        sent_at = now + timedelta(seconds=seconds)
        yield platform.payment(ALIPAY, sent_at=sent_at, name=f"alipay signed {seconds} s from now", **order)


def _signed_nonsense(platform: Platform, now: datetime, fields: Fields) -> Iterator[Vector]:
    """Yield what Alipay would sign only by mistake: other ids, amounts and times that are none, fields left out."""
    content = {name: value for name, value in fields.items() if name not in ("sign", "sign_type")}
    changes: list[Fields] = [
        {"app_id": "2021000000000000"},
        {"seller_id": "2088999999999999"},
        {"total_amount": "309,45"},
        {"total_amount": "1e3"},
        {"total_amount": "-1.00"},
        {"total_amount": "309.451"},
        {"notify_time": "soon"},
        {"notify_time": ""},
        {"gmt_payment": "2026-13-40 00:00:00"},
        {"subject": "物业费&total_amount=0.01"},
        {"refund_fee": "all"},
    ]
    for change in changes:
        post = alipay_post(platform.keys, content | change)
        yield Vector(ALIPAY, f"alipay signed with {change}", post.headers, post.body)
    for name in ("app_id", "notify_time", "notify_id", "out_trade_no", "total_amount", "trade_status"):
        post = alipay_post(platform.keys, {key: content[key] for key in content if key != name})
        yield Vector(ALIPAY, f"alipay signed without {name}", post.headers, post.body)
