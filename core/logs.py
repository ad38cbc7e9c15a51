"""Structured logs that can be kept: phone and identity numbers are masked wherever they turn up (S-21)."""

import logging
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

PHONE = re.compile(r"(?<!\d)((?:86[ -]?)?1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
IDENTITY = re.compile(r"(?<!\d)(\d{3})\d{13}(\d[\dXx])(?![\dXx])")
BANK_CARD = re.compile(r"(?<!\d)\d{12,15}(\d{4})(?!\d)")


def mask_text(text: str) -> str:
    """Return the text with phones as 138****1234, identity numbers as first 3 and last 2, cards as last 4.

    >>> mask_text("call 13812341234, ID 110101199003077571")
    'call 138****1234, ID 110*************71'
    """
    text = IDENTITY.sub(lambda found: f"{found[1]}{'*' * 13}{found[2]}", text)
    text = BANK_CARD.sub(lambda found: f"{'*' * (len(found[0]) - 4)}{found[1]}", text)
    return PHONE.sub(r"\1****\3", text)


def mask_event(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: mask every text in the event, however deep, keys and exceptions included."""
    masked = _mask(event)
    event.clear()
    event.update(masked)
    return event


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {_mask(key): _mask(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(item) for item in value]
    return value if value is None or isinstance(value, bool | float) else _mask_other(value)


def _mask_other(value: Any) -> Any:
    text = str(value)
    masked = mask_text(text)
    return value if masked == text else masked


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=False),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    mask_event,
]


def logging_config(*, json: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's LOGGING: our events and everybody else's in one masked stream on standard error."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"django.db.backends": {"level": "WARNING"}, "fontTools": {"level": "WARNING"}},
    }


def configure_structlog() -> None:
    """Send structlog's events through the standard library, so that one handler masks and prints all."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
