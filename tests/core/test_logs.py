import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from core.logs import configure_structlog, logging_config, mask_text

PHONE = "13812341234"
IDENTITY = "110101199003077571"
CARD = "6222021234567890123"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (PHONE, "138****1234"),
        (f"call {PHONE}.", "call 138****1234."),
        ("138 1234 1234", "138****1234"),
        ("138-1234-1234", "138****1234"),
        (f"+86{PHONE}", "+86138****1234"),
        (f"“{PHONE}”", "“138****1234”"),
        (f"手机{PHONE}，", "手机138****1234，"),
        (IDENTITY, "110*************71"),
        ("11010119900307757X", "110*************7X"),
        (CARD, "***************0123"),
        ("2026-09-10 12:00:00", "2026-09-10 12:00:00"),
        ("309.45", "309.45"),
        ("8-2-301", "8-2-301"),
    ],
)
def test_mask_text(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["{}", "a{}", "：{}，", "+86 {}", "x={}&"]),
)
def test_no_phone_survives(phone: str, frame: str) -> None:
    assert phone not in mask_text(frame.format(phone))


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where everything logged goes, as JSON lines."""
    text = io.StringIO()
    config = logging_config(json=True)
    config["handlers"]["stderr"]["stream"] = text
    logging.config.dictConfig(config)
    configure_structlog()
    yield text
    logging.config.dictConfig(logging_config(json=False))


def last_line(stream: io.StringIO) -> dict[str, object]:
    return json.loads(stream.getvalue().splitlines()[-1])


class Person:
    def __str__(self) -> str:
        return f"李小明 {PHONE}"


def test_our_events_are_masked_however_deep(stream: io.StringIO) -> None:
    log = structlog.get_logger("test")
    log.info("told", person=Person(), rows=[{"phones": (PHONE,)}], number=int(PHONE), amount="309.45")
    assert PHONE not in stream.getvalue()
    assert last_line(stream)["amount"] == "309.45"
    assert last_line(stream)["person"] == "李小明 138****1234"


def test_other_peoples_lines_are_masked(stream: io.StringIO) -> None:
    logging.getLogger("somebody.else").warning("POST /pay?phone=%s", PHONE)
    assert last_line(stream)["event"] == "POST /pay?phone=138****1234"


def test_tracebacks_are_masked(stream: io.StringIO) -> None:
    try:
        int(PHONE + "x")
    except ValueError:
        structlog.get_logger("test").exception("failed")
    assert "138****1234x" in str(last_line(stream)["exception"])
    assert PHONE not in stream.getvalue()


def test_what_is_bound_to_the_request_is_in_every_line(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        structlog.get_logger("test").info("seen")
    assert last_line(stream)["request_id"] == "r-1"
