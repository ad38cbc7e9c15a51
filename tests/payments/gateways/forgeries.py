"""Ways to spoil text that hold for any platform."""

from base64 import b64encode
from collections.abc import Iterator

XML_BODIES = {
    "v2 notice": b"<xml><return_code>SUCCESS</return_code><out_trade_no>%s</out_trade_no></xml>",
    "external entity": (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b"<xml><out_trade_no>&e;</out_trade_no></xml>"
    ),
    "external DTD": b'<?xml version="1.0"?><!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd"><xml/>',
    "parameter entity": (
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p">%p;]><xml><result_code>SUCCESS</result_code></xml>'
    ),
    "billion laughs": (
        b'<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><xml><out_trade_no>&c;</out_trade_no></xml>'
    ),
    "CDATA": b"<xml><out_trade_no><![CDATA[N0000001]]></out_trade_no><total_fee>1</total_fee></xml>",
}
ODD_BODIES = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "number": b"1",
    "empty object": b"{}",
    "NUL": b"\x00",
    "not UTF-8": b"\xff\xfe\xff",
    "deep nesting": b"[" * 5000 + b"]" * 5000,
    "long": b"a=" + b"1" * 100_000,
}


def flip(text: str, at: int) -> str:
    """Return the text with another character of the same kind at one place."""
    old = text[at]
    new = "1" if old == "0" else "0" if old.isdigit() else "A" if old != "A" else "B"
    return text[:at] + new + text[at + 1 :]


def spread(length: int, count: int) -> list[int]:
    """Return `count` places spread evenly over a length."""
    return sorted({length * at // count for at in range(count)})


def spoil_signature(signature: str) -> Iterator[tuple[str, str]]:
    """Yield names and spoiled signatures, those included that lax decoders take for the same."""
    for at in spread(len(signature) - 4, 24):
        yield f"flipped at {at}", flip(signature, at)
    yield "cut", signature[:-4]
    yield "longer", signature + "AAAA"
    yield "twice", signature + signature
    yield "reversed", signature[::-1]
    yield "lower case", signature.lower()
    yield "swapped case", signature.swapcase()
    yield "stray character", signature[:10] + "!" + signature[10:]
    yield "space inside", signature[:10] + " " + signature[10:]
    yield "line break inside", signature[:76] + "\n" + signature[76:]
    yield "loose bits", _with_loose_bits(signature)
    yield "no padding", signature.rstrip("=")
    yield "too much padding", signature + "="
    yield "empty", ""
    yield "zeros", b64encode(bytes(256)).decode()
    yield "ones", b64encode(b"\xff" * 256).decode()
    yield "hex", signature.encode().hex()


def _with_loose_bits(signature: str) -> str:
    """Return Base64 that decodes to the same bytes but was not written by an encoder (256 bytes end in `X==`)."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(signature[-3]) ^ 1]
    return f"{signature[:-3]}{last}=="
