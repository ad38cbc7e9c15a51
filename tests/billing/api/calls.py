"""Calls of the API, as a program makes them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def get(client: Client, route: str, *args: object, **query: str) -> Any:
    """What a route of billing's API answers to a GET."""
    return client.get(reverse(f"billing:{route}", args=args), query)


def post(client: Client, route: str, *args: object, **words: Any) -> Any:
    """What a route of billing's API answers to these words, sent as JSON."""
    return client.post(reverse(f"billing:{route}", args=args), words, content_type="application/json")


def results(client: Client, route: str, **query: str) -> Any:
    """The things of a list."""
    return get(client, route, **query).json()["results"]
