"""When a fee is due: the first month of its cycle, for the cycle itself or for the one before."""

import pytest

from billing.domain.schedule import service_period
from core.periods import Period


@pytest.mark.parametrize(
    ("cycle", "in_advance", "run", "expected"),
    [
        ("month", True, "2026-09", "2026-09-01/2026-09-30"),
        ("month", False, "2026-09", "2026-08-01/2026-08-31"),
        ("month", False, "2026-01", "2025-12-01/2025-12-31"),
        ("month", False, "2024-03", "2024-02-01/2024-02-29"),
        ("quarter", True, "2026-10", "2026-10-01/2026-12-31"),
        ("quarter", True, "2026-11", None),
        ("quarter", True, "2026-12", None),
        ("quarter", False, "2026-10", "2026-07-01/2026-09-30"),
        ("quarter", False, "2026-01", "2025-10-01/2025-12-31"),
        ("half_year", True, "2026-07", "2026-07-01/2026-12-31"),
        ("half_year", True, "2026-04", None),
        ("half_year", False, "2026-07", "2026-01-01/2026-06-30"),
        ("year", True, "2026-01", "2026-01-01/2026-12-31"),
        ("year", False, "2026-01", "2025-01-01/2025-12-31"),
        ("year", True, "2026-07", None),
    ],
)
def test_service_period(cycle: str, in_advance: bool, run: str, expected: str | None) -> None:
    found = service_period(Period.month(run), cycle=cycle, in_advance=in_advance)
    assert (str(found) if found else None) == expected
