"""The words that rosters use for kinds of units, their states, roles of people and kinds of meters.

Chinese words and the number codes of MicroCommunity (DOMAIN-RULES §9) lead to the values of our own choices.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType


def _turned(words: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    pairs = {word.lower(): value for value, synonyms in words.items() for word in (value, *synonyms)}
    return MappingProxyType(pairs)


KINDS = _turned(
    {
        "high_rise": (
            "110", "119", "住宅", "高层", "高层住宅", "小高层", "多层", "多层住宅", "普通住宅", "电梯住宅", "公寓",
            "商住", "宿舍", "high-rise", "flat", "residential",
        ),
        "townhouse": ("洋房", "花园洋房", "叠拼", "叠墅", "叠加", "townhouse"),
        "villa": ("别墅", "联排", "联排别墅", "双拼", "双拼别墅", "独栋", "独栋别墅", "排屋"),
        "shop": ("商铺", "店铺", "门面", "门面房", "商业", "底商", "商服", "门市", "铺位", "网点"),
        "office": ("120", "办公", "写字楼", "办公楼", "办公室", "商务办公"),
        "parking": ("车位", "停车位", "车库", "地下车位", "地上车位", "产权车位", "人防车位", "机械车位"),
        "storage": ("储藏", "储藏室", "储藏间", "储物间", "储物室", "仓库", "地下室", "杂物间"),
    }
)  # fmt: skip

STATES = _turned(
    {
        "unsold": ("2002", "未销售", "未售", "待售", "未出售", "库存"),
        "not_handed_over": ("未交房", "未交付", "未交楼", "未收房", "待交房", "已售未交", "not handed over"),
        "vacant": (
            "2003", "2004", "2005", "2007", "2008", "空置", "空关", "空闲", "未入住", "已交房", "已交付", "已收房",
            "已装修", "已出售", "已售", "已交房未入住", "已收房未住", "已售未住",
        ),
        "occupied": ("2001", "已入住", "入住", "自住", "在住", "使用中", "已使用", "在用", "正常"),
        "let": ("2006", "已出租", "出租", "租住", "在租", "租赁"),
        "renovating": ("2009", "装修中", "装修", "在装修", "正在装修"),
    }
)  # fmt: skip

ROLES = _turned(
    {
        "owner": ("1001", "业主", "产权人", "房主", "户主", "共有人", "业主本人"),
        "family": ("1002", "家庭成员", "家属", "配偶", "子女", "父母"),
        "tenant": ("1003", "租客", "租户", "承租人", "使用人"),
        "temporary": ("1004", "临时", "临时人员", "其他"),
    }
)

METERS = _turned(
    {
        "water": ("水", "水表", "自来水", "冷水", "冷水表"),
        "electricity": ("电", "电表", "电力", "electric", "power"),
        "gas": ("气", "燃气", "燃气表", "煤气", "天然气"),
        "heat": ("暖", "热", "暖气", "供暖", "热力", "热表", "采暖", "heating"),
    }
)

YES = MappingProxyType(
    dict.fromkeys(("有", "是", "y", "yes", "true", "1", "1010"), True)
    | dict.fromkeys(("无", "没有", "否", "n", "no", "false", "0", "2020"), False)
)

PREPAID = MappingProxyType(
    dict.fromkeys(("1001", "充值", "预付费", "prepaid"), True)
    | dict.fromkeys(("2002", "抄表", "后付费", "read"), False)
)
"""Whether a meter is topped up or read; the numbers are MicroCommunity's modes."""
