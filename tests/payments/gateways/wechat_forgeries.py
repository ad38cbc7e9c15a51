"""Forged and altered callbacks of WeChat Pay."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from payments.gateways.sandbox.keys import WECHAT
from payments.gateways.sandbox.signing import wechat_headers
from tests.payments.gateways.forgeries import ODD_BODIES, XML_BODIES, flip, spoil_signature, spread
from tests.payments.gateways.platforms import Platform, Vector

HEADERS = ("Signature", "Timestamp", "Nonce", "Serial", "Signature-Type")


def forge(platform: Platform, now: datetime, *, number: str, amount: int) -> Iterator[Vector]:
    """Yield every forgery of one order's callback."""

    def genuine(name: str, **facts: Any) -> Vector:
        values: dict[str, Any] = {"number": number, "amount": amount, "sent_at": now} | facts
        return platform.payment(WECHAT, name=f"wechat {name}", **values)

    true = genuine("")
    yield from _spoiled_headers(true)
    yield from _spoiled_bodies(true)
    yield from _swapped_parts(true, genuine("", notice_id="EV-0002", amount=amount + 1))
    yield from _strangers(platform, now, number=number, amount=amount)
    yield from _signed_nonsense(platform, now, genuine)


def _with_header(vector: Vector, header: str, value: str, how: str) -> Vector:
    headers = vector.headers | {f"Wechatpay-{header}": value}
    return replace(vector, name=f"wechat {header}: {how}", headers=headers)


def _with_body(vector: Vector, body: bytes, how: str) -> Vector:
    return replace(vector, name=f"wechat body: {how}", body=body)


def _spoiled_headers(true: Vector) -> Iterator[Vector]:
    for header in HEADERS:
        rest = {name: value for name, value in true.headers.items() if name != f"Wechatpay-{header}"}
        yield replace(true, name=f"wechat {header}: missing", headers=rest)
        value = true.headers[f"Wechatpay-{header}"]
        for how, spoiled in (
            ("empty", ""),
            ("twice", f"{value}, {value}"),
            ("flipped", flip(value, 3)),
        ):
            yield _with_header(true, header, spoiled, how)
    for how, signature in spoil_signature(true.headers["Wechatpay-Signature"]):
        if "\n" not in signature:  # no HTTP client sends a header with a line break in it
            yield _with_header(true, "Signature", signature, how)
    stamp = int(true.headers["Wechatpay-Timestamp"])
    for seconds in (-1, 1, -10, 10, -299, 299, -301, 301, -86400, 86400):
        yield _with_header(true, "Timestamp", str(stamp + seconds), f"moved by {seconds}")
    for text in (f"0{stamp}", f"{stamp}.0", f"+{stamp}", f"{stamp}000", "now", "NaN"):
        yield _with_header(true, "Timestamp", text, text)
    nonce = true.headers["Wechatpay-Nonce"]
    for at in spread(len(nonce), 16):
        yield _with_header(true, "Nonce", flip(nonce, at), f"flipped at {at}")
    lower = true.headers["Wechatpay-Serial"].lower()
    for serial in ("PUB_KEY_ID_0", "444F4864EA9B34415", "0", "'", "../../key", lower):
        yield _with_header(true, "Serial", serial, serial)
    for algorithm in (
        "MD5",
        "HMAC-SHA256",
        "none",
        "WECHATPAY2-SM2-WITH-SM3",
        "WECHATPAY2-SHA1-RSA1024",
        "RSA",
    ):
        yield _with_header(true, "Signature-Type", algorithm, algorithm)


def _spoiled_bodies(true: Vector) -> Iterator[Vector]:
    text = true.body.decode()
    for at in spread(len(text), 80):
        yield _with_body(true, flip(text, at).encode(), f"flipped at {at}")
    notice = json.loads(true.body)
    for name in notice:
        yield _with_body(true, _dump({key: notice[key] for key in notice if key != name}), f"without {name}")
        yield _with_body(true, _dump(notice | {name: "x"}), f"other {name}")
    for name, value in notice["resource"].items():
        changed = notice | {"resource": notice["resource"] | {name: flip(value, 0)}}
        yield _with_body(true, _dump(changed), f"other resource.{name}")
    cipher = notice["resource"]["ciphertext"]
    for at in spread(len(cipher), 24):
        changed = notice | {"resource": notice["resource"] | {"ciphertext": flip(cipher, at)}}
        yield _with_body(true, _dump(changed), f"ciphertext flipped at {at}")
    yield from _reserialised(true, notice)
    for how, body in (XML_BODIES | ODD_BODIES).items():
        yield _with_body(true, body, how)


def _reserialised(true: Vector, notice: dict[str, Any]) -> Iterator[Vector]:
    text = true.body.decode()
    yield _with_body(true, json.dumps(notice).encode(), "ASCII escapes")
    yield _with_body(true, _dump(notice, sort_keys=True), "sorted")
    yield _with_body(true, _dump(notice, indent=2), "indented")
    yield _with_body(true, _dump(notice, separators=(",", ":")), "compact")
    yield _with_body(true, _dump(dict(reversed(notice.items()))), "reversed")
    yield _with_body(true, f"{text}\n".encode(), "line break added")
    yield _with_body(true, f" {text}".encode(), "blank in front")
    yield _with_body(true, f"\ufeff{text}".encode(), "byte order mark")
    yield _with_body(true, text.encode("utf-16"), "UTF-16")
    yield _with_body(true, text.encode("gbk"), "GBK")
    yield _with_body(true, f"{text}{text}".encode(), "twice")
    yield _with_body(true, text.replace("{", '{"id": "EV-9",', 1).encode(), "id twice")
    yield _with_body(true, text[:-1].encode(), "cut")


def _swapped_parts(true: Vector, other: Vector) -> Iterator[Vector]:
    """Yield the headers of one genuine callback on the body of another, whole and one by one."""
    yield replace(true, name="wechat another's body", body=other.body)
    yield replace(true, name="wechat another's headers", headers=other.headers)
    for header in ("Signature", "Nonce"):
        yield _with_header(true, header, other.headers[f"Wechatpay-{header}"], "of another callback")


def _strangers(platform: Platform, now: datetime, **order: Any) -> Iterator[Vector]:
    """Yield callbacks that are well made but not by the platform, not for us, or not now."""
    stranger = platform.stranger()
    for at in range(10):
        yield stranger.payment(
            WECHAT, sent_at=now, notice_id=f"EV-{at}", name=f"wechat stranger's key {at}", **order
        )
    second = platform.merchants(WECHAT)[1]
    for at in range(10):
        yield platform.payment(
            WECHAT,
            sent_at=now,
            merchant=second,
            notice_id=f"EV-{at}",
            name=f"wechat other merchant {at}",
            **order,
        )
    for seconds in (-301, -302, -600, -3600, -86400, -6 * 365 * 86400, 302, 600, 3600, 86400):
        sent_at = now + timedelta(seconds=seconds)
        yield platform.payment(WECHAT, sent_at=sent_at, name=f"wechat signed {seconds} s from now", **order)


def _signed_nonsense(platform: Platform, now: datetime, genuine: Callable[..., Vector]) -> Iterator[Vector]:
    """Yield what a platform would sign only by mistake: other ids, amounts of other types, no JSON at all."""
    for field, value in (
        ("mchid", "1900000099"),
        ("appid", "wx0000000000000000"),
        ("mchid", ""),
        ("appid", None),
    ):
        yield genuine(f"signed with {field} {value!r}", changes={field: value})
    for total in ("30945", 309.45, True, -1, None, [1], {"a": 1}):
        yield genuine(f"signed with total {total!r}", changes={"amount": {"total": total, "currency": "CNY"}})
    for time in ("yesterday", "2026-13-40T00:00:00+08:00", "2026-11-20T10:00:00"):
        yield genuine(f"signed with success_time {time}", changes={"success_time": time})
    yield genuine("signed with payer text", changes={"payer": "x"})
    for how, body in (XML_BODIES | ODD_BODIES).items():
        text = body.decode(errors="replace")
        headers = wechat_headers(
            platform.keys.wechat, platform.keys.wechat_key_id, text, int(now.timestamp())
        )
        yield Vector(WECHAT, f"wechat signed body: {how}", headers, text.encode())


def _dump(content: Any, **options: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, **options).encode()
