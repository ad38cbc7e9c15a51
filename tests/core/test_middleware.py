from dataclasses import dataclass

import pytest
import structlog
from django.contrib.auth.models import AnonymousUser
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from core.context import RequestContext, current_context
from core.errors import ConflictError, Problem
from core.middleware import DomainErrorMiddleware, RequestContextMiddleware


@dataclass(frozen=True)
class Clerk:
    pk: int = 7
    is_authenticated: bool = True


def visit(user: object, given: str = "") -> tuple[HttpResponse, RequestContext, dict[str, object]]:
    seen: list[RequestContext] = []
    bound: dict[str, object] = {}

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_context())
        bound.update(structlog.contextvars.get_contextvars())
        return HttpResponse()

    request = RequestFactory().get("/", headers={"X-Request-ID": given} if given else {})
    request.user = user  # type: ignore[assignment]
    return RequestContextMiddleware(view)(request), seen[0], bound


class TestRequestContext:
    def test_names_the_actor_to_audit_and_logs(self) -> None:
        _, context, bound = visit(Clerk())
        assert context.actor == Clerk()
        assert bound == {"request_id": context.request_id, "actor_id": 7}

    def test_a_stranger_is_no_actor(self) -> None:
        assert visit(AnonymousUser())[1].actor is None

    def test_the_id_of_the_caller_is_kept(self) -> None:
        response, context, _ = visit(Clerk(), given="abcdef-12345678")
        assert context.request_id == response["X-Request-ID"] == "abcdef-12345678"

    @pytest.mark.parametrize("given", ["short", "x" * 65, "evil\tline", "<script>alert()</script>"])
    def test_an_id_of_another_form_is_replaced(self, given: str) -> None:
        _, context, _ = visit(Clerk(), given=given)
        assert context.request_id != given
        assert len(context.request_id) == 32

    def test_the_context_ends_with_the_request(self) -> None:
        visit(Clerk())
        assert current_context() == RequestContext()


class TestDomainError:
    def answer(self, error: Exception) -> HttpResponse | None:
        middleware = DomainErrorMiddleware(lambda request: HttpResponse())
        return middleware.process_exception(RequestFactory().get("/"), error)

    def test_is_a_page_that_says_why(self) -> None:
        finding = Problem("x", "Line 7 is <b>wrong</b>.")
        page = self.answer(ConflictError("The bill has been paid.", problems=[finding]))
        assert page is not None
        assert page.status_code == 409
        assert "The bill has been paid." in page.content.decode()
        assert "Line 7 is &lt;b&gt;wrong&lt;/b&gt;." in page.content.decode()

    @pytest.mark.parametrize(
        "error", [DataError("text fields cannot contain NUL (0x00) bytes"), OverflowError("NUL and void")]
    )
    def test_what_no_column_takes_is_refused_in_words(self, error: Exception) -> None:
        page = self.answer(error)
        assert page is not None
        assert page.status_code == 422
        assert "NUL" not in page.content.decode()

    def test_a_crash_is_left_to_django(self) -> None:
        assert self.answer(ZeroDivisionError()) is None
