"""The words of rosters lead to values that the register has."""

import pytest

from estates.domain.units import LARGEST_AREA
from estates.domain.words import KINDS, METERS, ROLES, STATES
from estates.models import MeterKind, OccupancyRole, UnitKind, UnitState


def test_words_lead_to_every_value_of_the_register_and_no_other() -> None:
    assert set(KINDS.values()) == set(UnitKind.values) == set(LARGEST_AREA)
    assert set(STATES.values()) == set(UnitState.values)
    assert set(ROLES.values()) == set(OccupancyRole.values)
    assert set(METERS.values()) == set(MeterKind.values)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("110", "high_rise"),
        ("120", "office"),
        ("119", "high_rise"),
        ("洋房", "townhouse"),
        ("车位", "parking"),
    ],
)
def test_kinds(word: str, kind: str) -> None:
    assert KINDS[word] == kind


@pytest.mark.parametrize(
    ("code", "state"),
    [("2001", "occupied"), ("2002", "unsold"), ("2003", "vacant"), ("2006", "let"), ("2009", "renovating")],
)
def test_states_of_microcommunity(code: str, state: str) -> None:
    assert STATES[code] == state
