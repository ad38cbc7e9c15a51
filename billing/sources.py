"""What the deeds are called that settle charge lines: `receipt:42` is a receipt, and payments knows its words.

A layer above billing registers how it names its deeds; a source nobody knows is told as a payment.

    register_source("receipt", name_receipts)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from itertools import groupby

from django.utils.translation import gettext as _

Namer = Callable[[Collection[str]], Mapping[str, str]]
"""Returns the words of each source in the reader's language; those it does not know are left out."""

_namers: dict[str, Namer] = {}


def register_source(prefix: str, namer: Namer) -> None:
    """Name the deeds whose sources begin with the prefix and a colon."""
    _namers[prefix] = namer


def name_sources(sources: Collection[str]) -> dict[str, str]:
    """Return the words of each source, asking each namer once."""
    named = dict.fromkeys(sources, _("paid"))
    for prefix, group in groupby(sorted(set(sources)), key=lambda source: source.partition(":")[0]):
        if prefix in _namers:
            named |= _namers[prefix](list(group))
    return named
