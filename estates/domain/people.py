"""Reads people out of roster rows: names, phones, ID numbers, several owners in one cell."""

import re
from collections.abc import Sequence

from core.phones import normalise_phone
from core.tables.cells import BadCell, one_of, text, text_up_to, token
from core.tables.rows import Row
from core.tables.sheet import Cell, is_filled
from estates.domain.facts import PersonFacts, Tie
from estates.domain.words import ROLES

PLACEHOLDER_PHONES = frozenset(("18999999999", "19999999999", *(digit * 11 for digit in "0123456789")))
PLACEHOLDER_IDS = frozenset(("10000000000000000001", *(digit * 18 for digit in "0123456789")))
BETWEEN = re.compile(r"[、/;,，；\n|]+")
ID_FORM = re.compile(r"\d{17}[\dX]|\d{15}|[0-9A-Z]{18}|[A-Z]{1,2}\d{6,10}")
LEGAL = re.compile(
    r".*(公司|集团|银行|合作社|委员会|事务所|研究院|学校|医院|幼儿园|管理局|办事处|商行|工作室|超市|酒店|厂)"
)
LONGEST_NAME = 100
EXACT_DIGITS = 15
"""A number cell keeps 15 digits; a longer ID typed as a number has lost its end."""

read_role = one_of(ROLES, "unknown_role")


def read_ties(row: Row, name_field: str) -> list[Tie]:
    """Return the people a row names, with phones, ID and role; problems are added to the row.

    Several names in one cell are several owners; their phones are given in the same order.
    """
    names: list[str] = row.read(name_field, _names, [])
    phones: list[str] = row.read("phone", _phones, [])
    if not names:
        if phones:
            row.remark("phone", "phone_without_name")
        return []
    phones = _without_placeholders(row, phones)
    id_numbers = [_id_number(row), *[""] * len(names)]
    role = row.read("role", read_role, "owner")
    if len(phones) > len(names):
        row.remark("phone", "more_phones_than_names", kept=phones[0])
    phones += [""] * len(names)
    return [
        Tie(PersonFacts(name, phone, id_number, _kind(name)), role)
        for name, phone, id_number in zip(names, phones, id_numbers, strict=False)
    ]


def _names(cell: Cell) -> list[str]:
    whole = text_up_to(LONGEST_NAME)(cell)
    parts = [part.strip() for part in BETWEEN.split(whole) if part.strip()]
    return [whole] if _kind(whole) == "legal" or not parts else parts


def _kind(name: str) -> str:
    return "legal" if len(name) > 4 and LEGAL.match(name) else "natural"


def _phones(cell: Cell) -> list[str]:
    phones = []
    for part in filter(None, BETWEEN.split(text(cell))):
        phone = part.strip() if token(part) in PLACEHOLDER_PHONES else normalise_phone(part)
        if phone is None:
            raise BadCell("bad_phone")
        phones.append(phone)
    return phones


def _without_placeholders(row: Row, phones: Sequence[str]) -> list[str]:
    if any(phone in PLACEHOLDER_PHONES for phone in phones):
        row.remark("phone", "placeholder_phone")
    return ["" if phone in PLACEHOLDER_PHONES else phone for phone in phones]


def _id_number(row: Row) -> str:
    """Return the ID number, or "" with a remark: an ID is welcome, but no reason to keep a row out."""
    cell = row.cell("id_number")
    if not is_filled(cell):
        return ""
    number = token(cell).upper()
    if number in PLACEHOLDER_IDS:
        row.remark("id_number", "placeholder_id")
    elif not isinstance(cell, str) and len(number) > EXACT_DIGITS:
        row.remark("id_number", "id_lost_digits")
    elif not ID_FORM.fullmatch(number):
        row.remark("id_number", "odd_id")
    else:
        return number
    return ""
