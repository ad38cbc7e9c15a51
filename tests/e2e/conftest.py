"""A real Chromium against a live server, at the widths of a phone and of a desk.

A page that writes an error to its console (a script that fails, a resource that is refused) fails its test.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from config.state import BASE_DIR
from tools.system_libraries import find_chromium

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the test's thread

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, or the one that was unpacked for this user."""
    chromium = find_chromium(Path(BASE_DIR) / ".venv")
    return browser_type_launch_args | {"executable_path": str(chromium), "args": ["--no-sandbox"]}


@pytest.fixture(autouse=True)
def reachable(live_server, settings) -> str:
    """The live server's address is the one that links and QR codes carry."""
    settings.PUBLIC_URL = live_server.url
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    return live_server.url


@pytest.fixture
def phone(browser: Browser, reachable: str) -> Iterator[Page]:
    """A page as wide as a telephone, with fingers."""
    yield from watched_page(browser, reachable, viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def desk(browser: Browser, reachable: str) -> Iterator[Page]:
    """A page as wide as a clerk's screen."""
    yield from watched_page(browser, reachable, viewport=DESK)


def watched_page(browser: Browser, address: str, **context: Any) -> Iterator[Page]:
    """A page in a context of its own; afterwards its console must hold no error."""
    errors: list[str] = []
    opened = browser.new_context(base_url=address, locale="en-US", **context)
    page = opened.new_page()
    page.on("console", lambda message: note_error(message, errors))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    opened.close()
    assert errors == []


def note_error(message: ConsoleMessage, errors: list[str]) -> None:
    """Keep what the browser reports as an error."""
    if message.type == "error":
        errors.append(f"{message.text} ({message.location.get('url', '')})")
