"""Requests, answers, and the table of routes: as much of a web framework as this program needs."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from payments.gateways.sandbox.desk import Desk


@dataclass(frozen=True)
class Request:
    """One request. `target` is path and query as they stood on the wire, which WeChat's clients sign."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    now: int

    @property
    def path(self) -> str:
        """The path alone."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """The fields of the query."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        """The fields of a posted form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def json(self) -> dict[str, Any]:
        """Return the posted object. Raises ValueError or TypeError when it is none."""
        posted = json.loads(self.body or b"{}")
        if not isinstance(posted, dict):
            raise TypeError("An object was expected.")
        return posted


@dataclass(frozen=True)
class Response:
    """One answer. `silent` means that the connection is cut instead, after `delay` seconds."""

    status: int
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False
    delay: float = 0


Handler = Callable[..., Response]


@dataclass(frozen=True)
class Route:
    """A method and a path pattern whose named groups become the handler's arguments."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


def route(method: str, path: str, handler: Handler) -> Route:
    """Return a route; `{name}` in the path stands for one segment."""
    return Route(
        method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path.replace(".", r"\."))), handler
    )


def answer(routes: list[Route], desk: Desk, request: Request) -> Response:
    """Return the answer of the first route that fits, or 404."""
    for candidate in routes:
        found = candidate.pattern.fullmatch(request.path)
        if found and candidate.method == request.method:
            return candidate.handler(desk, request, **found.groupdict())
    return Response(404, b"not found")


def json_response(content: object, status: int = 200) -> Response:
    """Return an unsigned JSON answer, as the knobs give it."""
    return Response(
        status, json.dumps(content, ensure_ascii=False).encode(), "application/json; charset=utf-8"
    )


def redirect(address: str) -> Response:
    """Send a browser elsewhere with GET."""
    return Response(303, headers={"Location": address})
