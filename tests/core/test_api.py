"""Refusals of the API have one shape."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions

from core.api import problem_response
from core.errors import ConflictError, InvalidError, NotFoundError, Problem


def answer(error: Exception) -> tuple[int, dict[str, Any]]:
    response = problem_response(error, {})
    assert response is not None
    assert response.content_type == "application/problem+json"
    return response.status_code, response.data


class PaidAlready(ConflictError):
    code = "payments.paid_already"
    message = "This bill has been paid."


def test_a_domain_error_says_what_and_why() -> None:
    assert answer(PaidAlready()) == (
        409,
        {
            "type": "urn:nuanlin:problem:payments.paid_already",
            "title": "payments: paid already",
            "status": 409,
            "code": "payments.paid_already",
            "detail": "This bill has been paid.",
            "problems": [],
        },
    )


def test_findings_come_with_their_place() -> None:
    finding = Problem("roster.area", "“12a” is not an area.", {"row": 7, "column": "建筑面积"})
    status, body = answer(InvalidError("Two rows are not right.", problems=[finding]))
    assert status == 422
    assert body["problems"] == [
        {
            "row": 7,
            "column": "建筑面积",
            "code": "roster.area",
            "message": "“12a” is not an area.",
            "blocks": True,
        }
    ]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFoundError(), 404, "not_found"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.Throttled(3), 429, "throttled"),
    ],
)
def test_other_refusals_have_the_same_shape(error: Exception, status: int, code: str) -> None:
    found, body = answer(error)
    assert (found, body["status"], body["code"]) == (status, status, code)


def test_the_headers_of_a_refusal_stay() -> None:
    response = problem_response(exceptions.Throttled(3), {})
    assert response is not None
    assert response["Retry-After"] == "3"


def test_each_wrong_field_is_named() -> None:
    error = exceptions.ValidationError({"amount": ["Too small.", "Not fen."], "bill": "Unknown."})
    _, body = answer(error)
    assert [(finding["field"], finding["message"]) for finding in body["problems"]] == [
        ("amount", "Too small."),
        ("amount", "Not fen."),
        ("bill", "Unknown."),
    ]


def test_a_crash_is_left_to_django() -> None:
    assert problem_response(ZeroDivisionError(), {}) is None
