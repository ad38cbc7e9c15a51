"""What views of the API share: the words of a request are read, a thing in scope is found, one deed is done to it.

    class ApproveView(DeedView):
        permission = "billing.approve"
        words_class = NoteSerializer            # what is sent; none: nothing is
        serializer_class = RequestSerializer    # what is answered: the thing as it is then

        def get_queryset(self): ...             # the things in scope; any other is a 404
        def act(self, thing, words): ...        # one call of a service

What the service refuses is answered as all refusals are (`core.api`).
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from django.forms import BaseForm
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from core.access import Requires


def read_words(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """Return what was sent, as the serializer reads it. Raises ValidationError, answered 400 with each field."""
    sent = serializer(data=request.data)
    sent.is_valid(raise_exception=True)
    words: dict[str, Any] = sent.validated_data
    return words


def read_form(form: BaseForm) -> dict[str, Any]:
    """Return what a page's form reads, so that page and API ask the same. Raises ValidationError, field by field."""
    if form.is_valid():
        return form.cleaned_data
    raise serializers.ValidationError(
        {
            field: [
                ErrorDetail(message, code=str(error.code or "invalid"))
                for error in errors
                for message in error.messages
            ]
            for field, errors in form.errors.as_data().items()
        }
    )


class ThingsView(ListAPIView[Any]):
    """The things in scope, a page at a time."""

    permission_classes = [Requires]


class ThingView(RetrieveAPIView[Any]):
    """One thing in scope; any other is a 404."""

    permission_classes = [Requires]


class DeedSchema(AutoSchema):
    """Documents an act's request body and its answer separately in the OpenAPI schema."""

    def get_request_serializer(self) -> Any:
        """Return what is sent."""
        return self.view.words_class  # type: ignore[attr-defined]  # only deeds have this schema


class DeedView(GenericAPIView[Any]):
    """A POST that does one deed to one thing in scope and answers with the thing as it is then."""

    permission_classes = [Requires]
    schema = DeedSchema()
    words_class: ClassVar[type[serializers.Serializer[Any]] | None] = None

    @abstractmethod
    def act(self, thing: Any, words: dict[str, Any]) -> object:
        """Do the deed by one call of a service; what a rule refuses is answered as a problem."""

    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Find the thing, read the words, do the deed, and look at the thing again."""
        thing = self.get_object()
        self.act(thing, read_words(self.words_class, request) if self.words_class else {})
        return Response(self.get_serializer(self.get_object()).data)
