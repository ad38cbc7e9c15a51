"""Three flats to be billed."""

from __future__ import annotations

import pytest

from tests.billing.village import Village


@pytest.fixture
def village() -> Village:
    """Two flats at 2.35, and one whose area nobody knows."""
    village = Village()
    village.unit("8-301", "89.56")
    village.unit("8-302", "120")
    village.unit("8-303", None)
    village.tariff(village.fee("物业费"), "area", "2.35")
    return village
