"""Strict Base64: decoders skip what they do not know, so a mangled signature could pass as the same one."""

from base64 import b64decode, b64encode


def is_canonical_base64(text: str) -> bool:
    """Say whether the text is Base64 as an encoder writes it: no spaces, no stray characters, no loose bits.

    >>> is_canonical_base64("QQ=="), is_canonical_base64("QR=="), is_canonical_base64("Q Q==")
    (True, False, False)
    """
    try:
        return bool(text) and b64encode(b64decode(text, validate=True)).decode() == text
    except ValueError:
        return False
