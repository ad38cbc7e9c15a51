"""All routes of the product, as the walks over them need them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

EXAMPLES = {"int": "1", "uuid": "00000000-0000-0000-0000-000000000000"}
ARGUMENT = re.compile(r"<(?:(?P<kind>\w+):)?\w+>")


@dataclass(frozen=True)
class Route:
    """One URL pattern: an example address, its name with namespaces, and the view behind it."""

    address: str
    name: str
    callback: Callable[..., Any]

    def __str__(self) -> str:
        return self.name


def list_routes(urlconf: str | None = None) -> list[Route]:
    """Every route of the resolver in the order it is tried."""
    return list(_walk(get_resolver(urlconf), "/", ()))


def _walk(resolver: URLResolver, prefix: str, names: tuple[str, ...]) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        address = prefix + _example(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, address, (*names, pattern.namespace) if pattern.namespace else names)
        elif isinstance(pattern, URLPattern):
            yield Route(address, ":".join((*names, pattern.name or address)), pattern.callback)


def _example(pattern: str) -> str:
    plain = re.sub(r"^\^|\\?\$$|\\Z$", "", pattern)
    plain = re.sub(r"\(\?P<\w+>.*?\)", "x", plain)
    return ARGUMENT.sub(lambda found: EXAMPLES.get(found["kind"] or "str", "x"), plain)
