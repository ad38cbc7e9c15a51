"""Answers of the API when something is refused: RFC 9457 problem documents, one shape for all."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from core.errors import DomainError

CONTENT_TYPE = "application/problem+json"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: answer refusals as `application/problem+json`, leave crashes to Django.

    The document has type, title, status, code, detail and problems (a list of findings with their place).
    """
    if isinstance(error, DomainError):
        findings = [problem.as_dict() for problem in error.problems]
        return _answer(error.status, error.code, str(error.message), findings)
    response = exception_handler(error, context)
    if response is None:
        return None
    answer = _answer(response.status_code, _code_of(error), _detail_of(error), _findings_of(error))
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response:
            answer[header] = response[header]
    return answer


def _answer(status: int, code: str, detail: str, problems: list[dict[str, Any]]) -> Response:
    body = {
        "type": f"urn:nuanlin:problem:{code}",
        "title": code.replace("_", " ").replace(".", ": "),
        "status": status,
        "code": code,
        "detail": detail,
        "problems": problems,
    }
    return Response(body, status=status, content_type=CONTENT_TYPE)


def _code_of(error: Exception) -> str:
    if isinstance(error, Http404):
        return "not_found"
    if isinstance(error, PermissionDenied):
        return "permission_denied"
    return str(error.default_code) if isinstance(error, exceptions.APIException) else "error"


def _detail_of(error: Exception) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("Some fields are not right.")
    return str(error.detail) if isinstance(error, exceptions.APIException) else ""


def _findings_of(error: Exception) -> list[dict[str, Any]]:
    if not isinstance(error, exceptions.ValidationError):
        return []
    fields = error.detail if isinstance(error.detail, dict) else {"": error.detail}
    return [
        {"field": name, "code": getattr(message, "code", "invalid"), "message": str(message), "blocks": True}
        for name, messages in fields.items()
        for message in (messages if isinstance(messages, list) else [messages])
    ]
