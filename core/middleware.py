"""What surrounds every request: its id in answer, logs and audit, and refusals in words."""

import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core.context import request_context
from core.errors import DomainError, InvalidError

log: Any = structlog.get_logger(__name__)

HEADER = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestContextMiddleware:
    """Gives each request an id (the caller's, when it is well-formed), and names the actor to audit and logs.

    Stands behind AuthenticationMiddleware. The id returns in the header X-Request-ID.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request inside its context."""
        given = request.headers.get(HEADER, "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        user = getattr(request, "user", None)
        actor = user if user is not None and user.is_authenticated else None
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id, actor_id=actor.pk if actor else None)
        with request_context(request_id=request_id, actor=actor):
            response = self.get_response(request)
        response[HEADER] = request_id
        return response


class UnkeepableError(InvalidError):
    """Something typed has a character, a number or a day that no column takes, and no form looked at it."""

    code = "core.unkeepable"
    message = _("Something you typed cannot be kept. Please type it again, in letters and digits only.")


class DomainErrorMiddleware:
    """Answers a refused act on an HTML page with a page that says why, and the status of the error.

    What the database refuses to hold, or no calendar knows, is refused too, and noted: a form should have looked.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Turn a DomainError into the page `error.html`; leave everything else to Django."""
        if isinstance(exception, DataError | OverflowError):
            log.warning("unkeepable_value", path=request.path, error=str(exception))
            exception = UnkeepableError()
        if not isinstance(exception, DomainError):
            return None
        return render(request, "error.html", {"error": exception}, status=exception.status)
