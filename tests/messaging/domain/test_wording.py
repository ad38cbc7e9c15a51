"""Templates are filled, never run (S-12)."""

import pytest

from messaging.domain.wording import fill, unknown_placeholders


@pytest.mark.parametrize(
    "hostile",
    [
        "{{settings.SECRET_KEY}}",
        "{0.__class__}",
        "{% load i18n %}",
        "${7*7}",
        "%(amount)s",
        "{{ a.b }}",
        "{{}}",
    ],
)
def test_fill_leaves_anything_else_as_text(hostile):
    assert fill(hostile, {"amount": "1.00", "settings": "x", "a": "y"}) == hostile


def test_fill_does_not_fill_what_a_value_brings_in():
    assert fill("{{ name }}", {"name": "{{ amount }}", "amount": "9"}) == "{{ amount }}"


def test_unknown_placeholders_are_named_in_order():
    assert unknown_placeholders("{{ b }} {{ amount }} {{ a }}", ["amount"]) == ["a", "b"]
