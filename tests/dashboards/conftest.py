"""The world of the overview."""

import pytest

from tests.dashboards.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """Communities with three months of bills."""
    return make_world()
