"""Telephone numbers and names, in one written form and masked for the eye."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}")
LANDLINE = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}(?:-\d{1,5})?")


def normalise_phone(text: str) -> str | None:
    """Return the number in its stored form, or None when it is no telephone number of mainland China.

    A mobile number becomes eleven digits; a landline keeps its area code and extension with hyphens.
    Full-width digits, blanks, brackets, hyphens and the country code are accepted.

    >>> normalise_phone("+86 138-0013-8000")
    '13800138000'
    >>> normalise_phone("（010）6552 9988")
    '010-65529988'
    """
    plain = re.sub(r"[\s().·]", "", unicodedata.normalize("NFKC", text)).replace("–", "-").replace("—", "-")
    plain = re.sub(r"^(?:\+|00)86-?", "", plain)
    digits = plain.replace("-", "")
    if MOBILE.fullmatch(digits.removeprefix("86") if len(digits) == 13 else digits):
        return digits[-11:]
    return _normalise_landline(plain)


def _normalise_landline(plain: str) -> str | None:
    if not LANDLINE.fullmatch(plain):
        return None
    area = 3 if plain[1] in "12" else 4
    return f"{plain[:area]}-{plain[area:].removeprefix('-')}"


def mask_phone(phone: str) -> str:
    """Return the number as screens show it: the middle hidden, nothing else told.

    >>> mask_phone("13812341234"), mask_phone("010-65529988"), mask_phone("")
    ('138****1234', '010-****9988', '')
    """
    if MOBILE.fullmatch(phone):
        return f"{phone[:3]}****{phone[-4:]}"
    area, dash, number = phone.partition("-")
    return f"{area}-****{number[-4:]}" if dash and len(number) > 4 else "*" * len(phone)


def mask_name(name: str) -> str:
    """Return the name as strangers may see it: the first character and two stars, whatever the length.

    >>> mask_name("李小明"), mask_name(" "), mask_name("Ann Lee")
    ('李**', '', 'A**')
    """
    return f"{name.strip()[0]}**" if name.strip() else ""
