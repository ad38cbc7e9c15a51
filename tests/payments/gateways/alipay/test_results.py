from datetime import datetime

import pytest

from payments.gateways.alipay.results import read_time, read_yuan
from payments.gateways.interface import BEIJING


@pytest.mark.parametrize(
    ("text", "yuan"),
    [("0.01", "0.01"), ("88.5", "88.50"), ("309.45", "309.45"), ("100000000", "100000000.00")],
)
def test_read_yuan_is_exact(text: str, yuan: str) -> None:
    assert str(read_yuan(text)) == yuan


@pytest.mark.parametrize(
    "text", ["", "-1.00", "+1.00", "1e3", "1.001", "1,000.00", "NaN", "１.00", " 1.00", 1.0, None]
)
def test_read_yuan_of_anything_else_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="no amount"):
        read_yuan(text)


def test_read_time_is_beijings_and_drops_milliseconds() -> None:
    assert read_time("2026-11-20 10:00:00.678") == datetime(2026, 11, 20, 10, tzinfo=BEIJING)
    assert read_time("") is None
    assert read_time(None) is None
