"""Filling a template: a fixed list of placeholders, replaced by a small parser and nothing else (S-12).

``{{ owner_name }}`` becomes a value; anything else that looks like code stays the text it is.
"""

import re
from collections.abc import Collection, Mapping

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")


def placeholders_in(text: str) -> frozenset[str]:
    """The names a template uses.

    >>> sorted(placeholders_in("{{ unit }}: {{amount}}, {{ unit }} {% load %} {0}"))
    ['amount', 'unit']
    """
    return frozenset(PLACEHOLDER.findall(text))


def unknown_placeholders(text: str, allowed: Collection[str]) -> list[str]:
    """The names a template uses that its message kind does not offer, in order of the alphabet."""
    return sorted(placeholders_in(text) - set(allowed))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; a name without a value stays visible, so that nobody overlooks it.

    >>> fill("{{ unit }}: {{ amount }} {{ settings.SECRET_KEY }} {{ other }}", {"unit": "301", "amount": "9.98"})
    '301: 9.98 {{ settings.SECRET_KEY }} {{ other }}'
    """
    return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
