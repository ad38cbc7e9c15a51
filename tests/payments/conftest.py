from __future__ import annotations

import pytest

from tests.payments.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    """A small community whose bills are owed."""
    return make_world()
