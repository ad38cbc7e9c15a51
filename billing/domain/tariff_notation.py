"""How a tariff's price is written in a file and on the staff pages, method by method.

    area    2.35                       yuan per m² and month
    fixed   80                         yuan per month
    meter   water;3.45                 what is counted; yuan per unit of it
    tiers   water;10:2;20:3;30:4;:5    each slab up to its limit at its price; the last one is open
    pool    P1;0.80;area               community meter; yuan per unit of it; how it is shared
    pool    P1;bill;area:60+household:40;floor>=2;agreement=业主大会2025-03
                                       the supplier's bill instead of a price; more in ``billing.domain.pool_rules``
    expression  area * 2.1 + if(floor > 1, 5, 0)    yuan per month, as ``billing.domain.expressions`` reads it
    expression  water;use * 3.2 + 5    of the period, where it names use (what is counted stands first) or months

Full-width signs, Chinese words for meters and keys, and units behind prices are understood.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from billing.domain.expressions import ExpressionError, parse
from billing.domain.pool_rules import METER_CODE, OPTIONS, Piece, PoolRule, parse_rule, read_rule
from core.tables.cells import BadCell, number, text, token
from core.tables.sheet import Cell
from estates.domain.words import METERS

PLACES = 6
LARGEST = Decimal(10) ** 6
PER_UNIT = re.compile(r"元?(/.*)?$")
SEMICOLON = re.compile("[;；]")
AGREEMENT = re.compile(r"^[^=＝]*[=＝]\s*")
BILLED = ("bill", "账单", "按账单")

Formula = Mapping[str, Any]


@dataclass(frozen=True)
class Priced:
    """A price as it is stored: ``price`` in yuan, and what else the method needs (``TariffVersion.formula``)."""

    price: Decimal | None = None
    formula: Formula = field(default_factory=dict)


def read_price(method: str, cell: Cell) -> Priced:
    """Return the price that a cell writes for a method.

    >>> read_price("area", "2.35元/㎡·月").price
    Decimal('2.35')
    >>> read_price("meter", "水；3.45")
    Priced(price=Decimal('3.45'), formula={'meter_kind': 'water'})
    >>> read_price("tiers", "water;10:2;20:3;:5").formula["tiers"]
    [['10', '2'], ['20', '3'], [None, '5']]
    >>> read_price("pool", "P1;0.80;按户").formula
    {'pool_meter': 'P1', 'pool_key': 'household'}

    Raises:
        BadCell: the cell is not written in the notation of the method, or a price is negative, absurd or has
            more than six decimals.
    """
    return READERS[method](cell)


def write_price(method: str, price: Decimal | None, formula: Formula) -> str:
    """Return the notation of a stored price; reading it gives the same price again.

    >>> write_price("tiers", None, {"meter_kind": "water", "tiers": [["10", "2"], [None, "5"]]})
    'water;10:2;:5'
    >>> write_price("pool", Decimal("0.800000"), {"pool_meter": "P1", "pool_key": "area"})
    'P1;0.8;area'
    """
    if method == "tiers":
        slabs = [f"{limit or ''}:{price_}" for limit, price_ in formula["tiers"]]
        return ";".join([formula["meter_kind"], *slabs])
    if method == "expression":
        kind = f"{formula['meter_kind']};" if "meter_kind" in formula else ""
        return f"{kind}{formula['expression']}"
    plain = plain_number(price or Decimal(0))
    if method == "meter":
        return f"{formula['meter_kind']};{plain}"
    if method == "pool":
        options = list(formula.get("pool_rules", ()))
        if agreement := formula.get("agreement"):
            options.append(f"agreement={agreement}")
        return ";".join(
            [formula["pool_meter"], BILLED[0] if price is None else plain, formula["pool_key"], *options]
        )
    return plain


def plain_number(value: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end.

    >>> plain_number(Decimal("2.350000")), plain_number(Decimal("100"))
    ('2.35', '100')
    """
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(cell: Cell) -> Decimal:
    amount = number(PER_UNIT.sub("", token(cell)) if isinstance(cell, str) else cell)
    if amount < 0:
        raise BadCell("price_negative")
    if amount >= LARGEST:
        raise BadCell("price_absurd", largest=f"{LARGEST:,}")
    if amount != amount.quantize(Decimal(1).scaleb(-PLACES)):
        raise BadCell("price_too_fine", places=PLACES)
    return amount


def _read_plain(cell: Cell) -> Priced:
    return Priced(_amount(cell))


def _read_meter(cell: Cell) -> Priced:
    kind, price = _fields(cell, 2, "meter_notation")
    return Priced(_amount(price), {"meter_kind": _meter_kind(kind)})


def _read_pool(cell: Cell) -> Priced:
    pieces = _pieces(cell)
    if len(pieces) < 3 or not METER_CODE.fullmatch(pieces[0].text):
        raise BadCell("pool_notation")
    rule = read_rule(pieces[2:])
    formula: dict[str, Any] = {"pool_meter": pieces[0].text, "pool_key": rule.key_text}
    if rule.options:
        formula["pool_rules"] = list(rule.options)
    if rule.agreement:
        formula["agreement"] = rule.agreement
    price = pieces[1].text
    return Priced(None if price.lower() in BILLED else _amount(price), formula)


def _pieces(cell: Cell) -> list[Piece]:
    """The fields of a price with their places in the cell; only what was agreed keeps its blanks."""
    pieces, at = [], 1
    for field_text in SEMICOLON.split(text(cell)):
        word = token(field_text)
        is_agreement = OPTIONS.get(word.partition("=")[0].lower()) == "agreement"
        pieces.append(Piece(AGREEMENT.sub("agreement=", field_text) if is_agreement else word, at))
        at += len(field_text) + 1
    return pieces[:-1] if len(pieces) > 1 and not pieces[-1].text else pieces


def rule_of(formula: Formula) -> PoolRule:
    """Return how the pool of a stored price is shared."""
    options = tuple(formula.get("pool_rules", ()))
    return parse_rule(formula["pool_key"], options, formula.get("agreement", ""))


def _read_tiers(cell: Cell) -> Priced:
    kind, *slabs = _fields(cell, None, "tier_notation")
    pairs = [slab.partition(":") for slab in slabs]
    if not pairs or not all(colon for _limit, colon, _price in pairs):
        raise BadCell("tier_notation")
    limits = [_amount(limit) for limit, _colon, _price in pairs[:-1] if limit]
    if len(limits) < len(pairs) - 1 or pairs[-1][0]:
        raise BadCell("last_tier_not_open")
    if any(above <= below for below, above in pairwise([Decimal(0), *limits])):
        raise BadCell("tiers_not_rising")
    prices = [plain_number(_amount(price)) for _limit, _colon, price in pairs]
    borders = [*map(plain_number, limits), None]
    tiers = [[limit, price] for limit, price in zip(borders, prices, strict=True)]
    return Priced(None, {"meter_kind": _meter_kind(kind), "tiers": tiers})


def _read_expression(cell: Cell) -> Priced:
    written = text(cell).replace("；", ";")
    kind, semicolon, _rest = written.partition(";")
    lead = len(kind) + 1 if semicolon else 0
    try:
        expression = parse(" " * lead + written[lead:])
    except ExpressionError as error:
        words = {"position": error.position, "near": error.near, **error.params}
        raise BadCell(error.code, **words) from error
    if ("use" in expression.names) != bool(semicolon):
        raise BadCell("expression_without_meter" if "use" in expression.names else "expression_idle_meter")
    formula = {"expression": expression.write()}
    return Priced(None, {"meter_kind": _meter_kind(token(kind)), **formula} if semicolon else formula)


def _fields(cell: Cell, count: int | None, code: str) -> list[str]:
    fields = token(cell).strip(";").split(";")
    if count is not None and len(fields) != count:
        raise BadCell(code)
    return fields


def _meter_kind(word: str) -> str:
    try:
        return METERS[word.lower()]
    except KeyError:
        raise BadCell("unknown_meter_kind", kind=word) from None


READERS = {
    "area": _read_plain,
    "fixed": _read_plain,
    "meter": _read_meter,
    "tiers": _read_tiers,
    "pool": _read_pool,
    "expression": _read_expression,
}
