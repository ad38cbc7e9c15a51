"""Words that have no place in a letter between neighbours: threats, false legal claims, shouting.

The list is docs/look.md §6 and the law behind it: only a court, after a judgment, lists anybody (Civil Code
1024; Beijing rule 72), and cutting water, power, heat or gas is forbidden (Civil Code 944).
"""

from collections.abc import Iterable

FORBIDDEN = {
    "threat": ("征信", "失信", "黑名单", "拒不", "最后通牒", "限期", "后果自负"),
    "legal claim": ("起诉", "法院传票", "强制执行"),
    "cutting off": ("停水", "停电", "断水", "断电", "停气", "停暖"),
    "shouting": ("！", "!"),
    "machine speech": ("系统异常",),
}


def lint(text: str) -> list[tuple[str, str]]:
    """The forbidden words in a text with the reason each is forbidden, in the order of the list.

    >>> lint("再不交将影响征信！")
    [('threat', '征信'), ('shouting', '！')]
    """
    return [(reason, word) for reason, word in _words() if word in text]


def _words() -> Iterable[tuple[str, str]]:
    return ((reason, word) for reason, words in FORBIDDEN.items() for word in words)
