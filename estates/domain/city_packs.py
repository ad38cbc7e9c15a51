"""Local rules as data: what a city's or province's regulation says, from which day, in which article (§4.12).

A community chooses its pack on the settings page. Where a pack is silent, the rule of the whole country holds. Texts
were read in collections of statutes; a lawyer confirms them before a letter goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SINCE_EVER = date(2000, 1, 1)


class Topic(StrEnum):
    """What local rules differ in."""

    HAND_OVER = "hand_over"
    VACANCY = "vacancy"
    PREPAYMENT = "prepayment"
    DISCLOSURE = "disclosure"
    NAMING = "naming"


FROM_DAY, NEXT_MONTH = "from_day", "next_month"
FULL, BY_CONTRACT, REDUCED, AT_MOST_60 = "full", "by_contract", "reduced", "at_most_60"
NO_CAP, TWELVE_MONTHS, TWELVE_AND_CONTRACT = "no_cap", "12_months", "12_months_and_contract"
NO_CYCLE, EACH_CYCLE, YEARLY, FIRST_QUARTER = "no_cycle", "each_cycle", "yearly", "first_quarter"
NOT_NAMED, ROOM_NUMBER = "not_named", "room_number"


@dataclass(frozen=True)
class Rule:
    """What holds from a day on, and where it is written."""

    value: str
    article: str
    since: date = SINCE_EVER


@dataclass(frozen=True)
class CityPack:
    """The rules of one city or province by topic, each topic's in the order of their days."""

    code: str
    name: str
    rules: Mapping[Topic, tuple[Rule, ...]]


NATIONAL = CityPack(
    "",
    "全国",
    {
        Topic.HAND_OVER: (Rule(FROM_DAY, "《物业管理条例》第四十一条"),),
        Topic.VACANCY: (Rule(FULL, "《民法典》第九百四十四条", date(2021, 1, 1)),),
        Topic.PREPAYMENT: (Rule(NO_CAP, "合同约定"),),
        Topic.DISCLOSURE: (Rule(NO_CYCLE, "《民法典》第九百四十三条"),),
        Topic.NAMING: (Rule(NOT_NAMED, "《个人信息保护法》第二十五条", date(2021, 11, 1)),),
    },
)


def _pack(code: str, name: str, law: str, since: date, **rules: tuple[str, str]) -> CityPack:
    """A pack of one regulation: each rule is a value and its article."""
    return CityPack(
        code,
        name,
        {Topic(topic): (Rule(value, f"{law}{article}", since),) for topic, (value, article) in rules.items()},
    )


_PACKS = (
    NATIONAL,
    _pack("beijing", "北京", "《北京市物业管理条例》", date(2020, 5, 1),
          hand_over=(NEXT_MONTH, "第二十二条"), disclosure=(YEARLY, "公示条款")),
    _pack("shanghai", "上海", "《上海市住宅物业管理规定》", date(2020, 1, 1),
          hand_over=(NEXT_MONTH, "第四十九条")),
    _pack("hangzhou", "杭州", "《杭州市物业管理条例》", date(2022, 3, 1),
          hand_over=(FROM_DAY, "第五十五条"), prepayment=(TWELVE_AND_CONTRACT, "第五十五条"),
          disclosure=(EACH_CYCLE, "第五十四条")),
    _pack("zhengzhou", "郑州", "《郑州市物业管理条例》", date(2021, 1, 1),
          prepayment=(TWELVE_MONTHS, "第四十二条"), naming=(ROOM_NUMBER, "《河南省物业管理条例》第八十八条")),
    _pack("qingdao", "青岛", "《青岛市物业管理条例》", date(2021, 1, 1), hand_over=(NEXT_MONTH, "第五十一条")),
    _pack("shandong", "山东", "《山东省物业管理条例》", date(2021, 1, 1),
          vacancy=(BY_CONTRACT, "空置条款"), naming=(ROOM_NUMBER, "业主委员会公示条款")),
    _pack("binzhou", "滨州", "《滨州市物业管理条例》", date(2019, 1, 1),
          vacancy=(AT_MOST_60, "第三十八条"), naming=(ROOM_NUMBER, "第四十九条")),
    _pack("liaocheng", "聊城", "《聊城市物业管理条例》", date(2021, 1, 1),
          vacancy=(REDUCED, "第四十条"), naming=(ROOM_NUMBER, "第四十一条")),
    _pack("heze", "菏泽", "《菏泽市物业管理条例》", date(2022, 1, 1), vacancy=(REDUCED, "第二十四条")),
    _pack("rizhao", "日照", "《日照市物业管理条例》", date(2017, 1, 1), naming=(ROOM_NUMBER, "第七十四条")),
    _pack("wenzhou", "温州", "《温州市物业管理条例》", date(2017, 1, 1), naming=(ROOM_NUMBER, "第四十条")),
    _pack("lishui", "丽水", "《丽水市物业管理条例》", date(2019, 1, 1),
          hand_over=(NEXT_MONTH, "第三十五条"), vacancy=(FULL, "第三十五条"),
          disclosure=(FIRST_QUARTER, "公示条款")),
    _pack("shaoxing", "绍兴", "《绍兴市物业管理条例》", date(2020, 1, 1),
          vacancy=(FULL, "第三十八条"), disclosure=(YEARLY, "公示条款")),
    _pack("huzhou", "湖州", "《湖州市物业管理条例》", date(2021, 1, 1), disclosure=(YEARLY, "第三十一条")),
    _pack("taizhou", "台州", "《台州市物业管理条例》", date(2020, 1, 1), hand_over=(NEXT_MONTH, "第三十九条")),
)  # fmt: skip

PACKS: Mapping[str, CityPack] = {pack.code: pack for pack in _PACKS}


def find_rule(pack: str, topic: Topic, day: date) -> Rule:
    """Return what holds on a day: the newest rule of the pack, or that of the whole country where it is silent.

    >>> find_rule("shanghai", Topic.HAND_OVER, date(2026, 1, 1)).value
    'next_month'
    >>> find_rule("shanghai", Topic.PREPAYMENT, date(2026, 1, 1)).article
    '合同约定'
    """
    local = PACKS.get(pack, NATIONAL).rules.get(topic, ())
    in_force = [rule for rule in local if rule.since <= day]
    return in_force[-1] if in_force else NATIONAL.rules[topic][0]


def cap_months(pack: str, agreed: int | None, day: date) -> int | None:
    """Return how many months may be paid ahead on a day: the narrower of what was agreed and the local rule.

    >>> cap_months("zhengzhou", 24, date(2026, 1, 1)), cap_months("zhengzhou", 6, date(2026, 1, 1))
    (12, 6)
    >>> cap_months("beijing", None, date(2026, 1, 1)) is None
    True
    """
    local = None if find_rule(pack, Topic.PREPAYMENT, day).value == NO_CAP else 12
    given = [months for months in (local, agreed) if months is not None]
    return min(given, default=None)


def next_month_since(pack: str) -> date | None:
    """Return the first day whose hand-overs make the owner pay from the next month on; None: they never do."""
    rules = PACKS.get(pack, NATIONAL).rules.get(Topic.HAND_OVER, ())
    return next((rule.since for rule in rules if rule.value == NEXT_MONTH), None)


def owner_pays_from(pack: str, handed_over_on: date) -> date:
    """Return the owner's first day after a hand-over: that day, or the first of the next month, by local rule.

    >>> owner_pays_from("hangzhou", date(2026, 9, 10)), owner_pays_from("shanghai", date(2026, 9, 10))
    (datetime.date(2026, 9, 10), datetime.date(2026, 10, 1))
    """
    if find_rule(pack, Topic.HAND_OVER, handed_over_on).value == FROM_DAY:
        return handed_over_on
    year, month = divmod(handed_over_on.year * 12 + handed_over_on.month, 12)
    return date(year, month + 1, 1)


def disclosed_by(pack: str, month: date) -> date | None:
    """Return the last day on which the shared costs of a month are to be disclosed; None: no rule sets one.

    "Each cycle" is read as with the next month's bills, "yearly" as within the next year: the texts name no day.

    >>> day = date(2026, 11, 1)
    >>> [str(disclosed_by(pack, day)) for pack in ("hangzhou", "huzhou", "lishui", "shanghai")]
    ['2026-12-31', '2027-12-31', '2027-03-31', 'None']
    """
    last = {
        EACH_CYCLE: lambda: _last_of_next_month(month),
        YEARLY: lambda: date(month.year + 1, 12, 31),
        FIRST_QUARTER: lambda: date(month.year + 1, 3, 31),
    }.get(find_rule(pack, Topic.DISCLOSURE, month).value)
    return last() if last else None


def _last_of_next_month(month: date) -> date:
    year, number = divmod(month.year * 12 + month.month + 1, 12)
    return date(year, number + 1, 1) - timedelta(days=1)
