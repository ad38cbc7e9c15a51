"""How a pool is shared, as people agreed it: the keys it is shared by, who takes part, and who bears the loss (B4).

    area                              by building area: the law's own key where nothing is agreed (Civil Code 283)
    area:60+household:40              60 % of the pool by area, 40 % by household
    use(water)                        by what the unit's own meters of this kind counted
    fixed(8-0-1):30+area:70           30 % to one unit, which has no part in the rest

and then, each on its own: ``floor>=2`` ``kind!=parking,storage`` ``stair=8-2`` (who takes part), ``floor=1*0.5``
(who weighs half), ``less=W1,W2`` ``without=OFFICE`` ``common=C1`` ``loss=5%`` (what the pool is, see
``billing.domain.losses``), ``vacancy=share`` (a vacant unit weighs by the share still due, not in full),
``moves=full`` (who moved in within the period weighs in full, not by days), ``agreement=…`` (where it was agreed).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from core.tables.cells import BadCell, number
from estates.domain.words import KINDS, METERS, STATES

WHOLE = Decimal(100)
FINEST = Decimal("0.0001")
BY_AREA = "area"
KEYS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("area", "面积", "按面积", "建筑面积", "按建筑面积"), "area")
    | dict.fromkeys(("inner", "inner_area", "套内", "套内面积", "按套内面积", "使用面积"), "inner_area")
    | dict.fromkeys(("household", "户", "按户", "户数", "按户数", "户均"), "household")
    | dict.fromkeys(("use", "用量", "按用量", "自用量", "按自用量"), "use")
    | dict.fromkeys(("coefficient", "系数", "按系数"), "coefficient")
    | dict.fromkeys(("fixed", "固定", "固定比例", "约定比例"), "fixed")
)
FACTS: Mapping[str, str] = MappingProxyType(
    {
        **{word: word for word in ("floor", "kind", "state", "building", "stair", "unit")},
        "楼层": "floor",
        "层": "floor",
        "业态": "kind",
        "类型": "kind",
        "状态": "state",
        "房屋状态": "state",
        "楼栋": "building",
        "楼号": "building",
        "单元": "stair",
        "房屋": "unit",
        "房号": "unit",
    }
)
OPTIONS: Mapping[str, str] = MappingProxyType(
    {
        **{word: word for word in ("less", "without", "common", "loss", "vacancy", "moves", "agreement")},
        "减": "less",
        "分表": "less",
        "不摊": "without",
        "剔除": "without",
        "公用": "common",
        "损耗": "loss",
        "空置": "vacancy",
        "入住": "moves",
        "依据": "agreement",
        "约定": "agreement",
    }
)
LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "shared": "shared",
        "分摊": "shared",
        "共摊": "shared",
        "company": "company",
        "公司": "company",
        "物业": "company",
    }
)
FULL, SHARE, DAYS = "full", "share", "days"
VACANCIES: Mapping[str, str] = MappingProxyType(
    {FULL: FULL, "全额": FULL, SHARE: SHARE, "折算": SHARE, "按比例": SHARE}
)
MOVES: Mapping[str, str] = MappingProxyType({FULL: FULL, "全额": FULL, DAYS: DAYS, "按天": DAYS})
WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType({"kind": KINDS, "state": STATES})
SIGNS: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {
        ">=": operator.ge,
        "<=": operator.le,
        "!=": operator.ne,
        ">": operator.gt,
        "<": operator.lt,
        "=": operator.eq,
    }
)
CONDITION = re.compile(r"(?P<fact>[^<>=!]+)(?P<sign>>=|<=|!=|>|<|=)(?P<values>[^*]+)(\*(?P<weight>.+))?")
KEY = re.compile(r"(?P<word>[^:()+]+)(\((?P<name>[^()]+)\))?(:(?P<percent>[^:()+]+))?")
FLOOR = re.compile(r"-?\d{1,3}")
METER_CODE = re.compile(r"[^\s;,]{1,40}")
TREE = "*"


class Piece(NamedTuple):
    """A bit of the notation, and the sign of the cell it begins at, from 1."""

    text: str
    at: int


@dataclass(frozen=True)
class Key:
    """One key and the part of the pool that is shared by it, in per cent.

    ``name``: the kind of meter of ``use`` (none: that of the pool's own meter), which coefficient, or the unit of
    ``fixed``.
    """

    kind: str
    name: str = ""
    percent: Decimal = WHOLE

    @property
    def title(self) -> str:
        """The key without its part of the pool: ``area``, ``use(water)``."""
        return f"{self.kind}({self.name})" if self.name else self.kind

    def __str__(self) -> str:
        return self.title if self.percent == WHOLE else f"{self.title}:{self.percent.normalize():f}"


@dataclass(frozen=True)
class Condition:
    """Something that is or is not true of a unit. Without a weight: who it is not true of takes no part.

    With one: who it is true of weighs so much less, such as half.
    """

    fact: str
    sign: str
    values: tuple[str, ...]
    weight: Fraction | None = None

    def __str__(self) -> str:
        times = "" if self.weight is None else f"*{_plain(self.weight)}"
        return f"{self.fact}{self.sign}{','.join(self.values)}{times}"


@dataclass(frozen=True)
class PoolRule:
    """How one pool is shared.

    less, without, common: codes of meters, or ``*`` for all below the pool's own meter; loss: ``shared``,
    ``company``, or the per cent of the main meter's use up to which it is shared. vacancy: whether a vacant unit weighs
    in full or by the share still due; moves: whether a unit with a payer for some days weighs by days or in full.
    """

    keys: tuple[Key, ...] = (Key(BY_AREA),)
    conditions: tuple[Condition, ...] = ()
    less: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    loss: str = "shared"
    vacancy: str = FULL
    moves: str = DAYS
    agreement: str = ""

    @property
    def is_statutory(self) -> bool:
        """Whether all of the pool is shared by building area, for which nothing has to be agreed (Civil Code 283)."""
        is_weighed = any(condition.weight is not None for condition in self.conditions)
        return [key.kind for key in self.keys] == [BY_AREA] and not is_weighed and self.vacancy == FULL

    @property
    def key_text(self) -> str:
        """The keys in their notation: ``area:60+household:40``."""
        return "+".join(map(str, self.keys))

    @property
    def percents(self) -> list[str]:
        """The parts of the keys in per cent: ``["60", "40"]``."""
        return [f"{key.percent.normalize():f}" for key in self.keys]

    @cached_property
    def options(self) -> tuple[str, ...]:
        """What else was agreed in its notation, always in one order and without what goes without saying."""
        named = [(name, ",".join(getattr(self, name))) for name in ("less", "without", "common")]
        named += [
            (name, text)
            for name, text, usual in (
                ("loss", self.loss, "shared"),
                ("vacancy", self.vacancy, FULL),
                ("moves", self.moves, DAYS),
            )
            if text != usual
        ]
        return (*map(str, self.conditions), *(f"{name}={text}" for name, text in named if text))


@lru_cache(maxsize=1024)
def parse_rule(key_text: str, options: tuple[str, ...] = (), agreement: str = "") -> PoolRule:
    """Return a rule from the notation it is stored in.

    >>> parse_rule("area:60+household:40", ("floor>=2",)).keys[1]
    Key(kind='household', name='', percent=Decimal('40'))
    """
    pieces = [Piece(key_text, 1), *(Piece(option, 1) for option in options)]
    if agreement:
        pieces.append(Piece(f"agreement={agreement}", 1))
    return read_rule(pieces)


def read_rule(pieces: Sequence[Piece]) -> PoolRule:
    """Return the rule that the pieces of a price write: first the keys, then the options.

    Raises:
        BadCell: a piece is not understood; ``at`` says where it begins.
    """
    keys = tuple(_read_keys(pieces[0]))
    conditions: list[Condition] = []
    named: dict[str, str | tuple[str, ...]] = {}
    for piece in pieces[1:]:
        word, equals, text = piece.text.partition("=")
        option = OPTIONS.get(word.strip().lower()) if equals else None
        if option in named:
            raise BadCell("pool_option_twice", option=word, at=piece.at)
        if option:
            named[option] = OPTION_READERS[option](Piece(text, piece.at + len(word) + 1))
        else:
            conditions.append(_read_condition(piece))
    rule = PoolRule(keys, tuple(conditions), **named)  # type: ignore[arg-type]
    if rule.loss != "shared" and not (rule.less or rule.common):
        raise BadCell("pool_loss_of_what", at=pieces[0].at)
    return rule


def _read_keys(piece: Piece) -> Iterator[Key]:
    found = [_read_key(part) for part in _parts(piece, "+")]
    shares = [share for _key, share in found]
    if len(found) == 1 and shares[0] is None:
        yield found[0][0]
        return
    if None in shares or sum(filter(None, shares)) != WHOLE:
        total = sum((share for share in shares if share), Decimal(0))
        raise BadCell("pool_percents", sum=f"{total.normalize():f}", at=piece.at)
    for key, share in found:
        yield Key(key.kind, key.name, share or WHOLE)


def _read_key(piece: Piece) -> tuple[Key, Decimal | None]:
    match = KEY.fullmatch(piece.text)
    kind = KEYS.get(match["word"].lower()) if match else None
    if match is None or kind is None:
        raise BadCell("unknown_pool_key", key=piece.text, at=piece.at)
    name = match["name"] or ""
    if kind == "use" and name:
        name = _meter_kind(name, piece)
    if (kind == "fixed") != bool(name) and kind not in ("use", "coefficient"):
        raise BadCell("pool_key_name", key=piece.text, at=piece.at)
    return Key(kind, name), _percent(match["percent"], piece) if match["percent"] else None


def _meter_kind(word: str, piece: Piece) -> str:
    if word.lower() not in METERS:
        raise BadCell("unknown_meter_kind", kind=word, at=piece.at)
    return METERS[word.lower()]


def _percent(text: str, piece: Piece) -> Decimal:
    try:
        share = number(text.rstrip("%"))
    except BadCell:
        share = Decimal(0)
    if not 0 < share <= WHOLE or share != share.quantize(FINEST):
        raise BadCell("pool_percent", text=text, at=piece.at)
    return share


def _read_condition(piece: Piece) -> Condition:
    match = CONDITION.fullmatch(piece.text)
    fact = FACTS.get(match["fact"].lower()) if match else None
    if match is None or fact is None:
        raise BadCell("pool_option", option=piece.text, at=piece.at)
    sign, values = match["sign"], tuple(filter(None, match["values"].split(",")))
    if fact in WORDS:
        values = tuple(WORDS[fact].get(value.lower(), "") for value in values)
    floors_fit = fact != "floor" or all(FLOOR.fullmatch(value) for value in values)
    ranked = sign in (">=", "<=", ">", "<")
    if not values or not all(values) or not floors_fit or (ranked and (fact != "floor" or len(values) > 1)):
        raise BadCell("pool_option", option=piece.text, at=piece.at)
    return Condition(fact, sign, values, _weight(match["weight"], piece) if match["weight"] else None)


def _weight(text: str, piece: Piece) -> Fraction:
    try:
        weight = Fraction(text)
    except (ValueError, ZeroDivisionError):
        weight = Fraction(-1)
    if not 0 <= weight < 100 or weight.denominator > 100:
        raise BadCell("pool_weight", text=text, at=piece.at)
    return weight


def _read_meters(piece: Piece) -> tuple[str, ...]:
    codes = tuple(filter(None, piece.text.split(",")))
    if not codes or not all(METER_CODE.fullmatch(code) for code in codes):
        raise BadCell("pool_option", option=piece.text, at=piece.at)
    return codes


def _read_loss(piece: Piece) -> str:
    word = piece.text.lower()
    if word in LOSSES:
        return LOSSES[word]
    if not word.endswith("%"):
        raise BadCell("pool_loss", text=piece.text, at=piece.at)
    return f"{_percent(word, piece).normalize():f}%"


def _read_vacancy(piece: Piece) -> str:
    return _choose(piece, VACANCIES, "pool_vacancy")


def _read_moves(piece: Piece) -> str:
    return _choose(piece, MOVES, "pool_moves")


def _choose(piece: Piece, words: Mapping[str, str], code: str) -> str:
    word = piece.text.strip().lower()
    if word not in words:
        raise BadCell(code, text=piece.text, at=piece.at)
    return words[word]


def _read_agreement(piece: Piece) -> str:
    return piece.text.strip()


OPTION_READERS: Mapping[str, Callable[[Piece], str | tuple[str, ...]]] = {
    "less": _read_meters,
    "without": _read_meters,
    "common": _read_meters,
    "loss": _read_loss,
    "vacancy": _read_vacancy,
    "moves": _read_moves,
    "agreement": _read_agreement,
}


def _parts(piece: Piece, sign: str) -> Iterator[Piece]:
    at = piece.at
    for text in piece.text.split(sign):
        yield Piece(text, at)
        at += len(text) + 1


def _plain(weight: Fraction) -> str:
    decimal = Decimal(weight.numerator) / Decimal(weight.denominator)
    return f"{decimal:f}" if Fraction(decimal) == weight else str(weight)
