"""A real Chromium against a live server, at the widths of a phone and of a desk, with a worker and a wallet.

A page that writes an error to its console (a script that fails, a resource the content policy refuses) fails its
test. Pictures of what was seen are kept in the folder `shots` of the run's temporary folder.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from config.state import BASE_DIR
from payments.models import Intent, IntentState
from tests.e2e.programs import is_at_rest, running_worker, wait_for
from tests.payments.gateways.program import Sandbox, running_sandbox
from tools.system_libraries import find_chromium

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the test's thread

PATIENCE_MS = 90_000  # a loaded machine is slow, not wrong
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
TELEPHONE = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/100.0 Mobile Safari/537.36"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
FONT_WHEELS = ("pylopdf_fonts_zh_cn", "manimgx_fonts_cjk")
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include>{folders}</fontconfig>
"""

expect.set_options(timeout=PATIENCE_MS)

Shoot = Callable[[Page, str], None]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Debian's Chromium, or the one that was unpacked for this user; with Chinese faces on every machine."""
    chromium = find_chromium(Path(BASE_DIR) / ".venv")
    fonts = tmp_path_factory.mktemp("fonts") / "fonts.conf"
    fonts.write_text(FONTS.format(folders="".join(f"<dir>{folder}</dir>" for folder in _font_folders())))
    return browser_type_launch_args | {
        "executable_path": str(chromium),
        "args": list(QUIET),
        "timeout": PATIENCE_MS,
        "env": {**os.environ, "FONTCONFIG_FILE": str(fonts)},
    }


def _font_folders() -> Iterator[Path]:
    for wheel in FONT_WHEELS:
        found = importlib.util.find_spec(wheel)
        if found and found.origin:
            yield Path(found.origin).parent


@pytest.fixture(autouse=True)
def reachable(live_server: Any, settings: Any) -> str:
    """The live server's address is the one that links and QR codes carry."""
    settings.PUBLIC_URL = live_server.url
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    address: str = live_server.url
    return address


@pytest.fixture(autouse=True)
def at_rest_afterwards(request: pytest.FixtureRequest, reachable: str, worker: None) -> Iterator[None]:
    """What a story set going has ended before its books are looked at and its rows go.

    The platform's callbacks have come, the worker's queue is empty, and no request is at the database any more.
    """
    yield
    if "sandbox" in request.fixturenames:
        wait_for(partial(have_callbacks_come, request.getfixturevalue("sandbox")), "the callbacks")
    wait_for(is_at_rest, "rest")


def have_callbacks_come(sandbox: Sandbox) -> bool:
    """Whether the platform has told us of every payment, and was answered."""
    paid = Intent.objects.filter(state=IntentState.PAID).values_list("number", flat=True)
    return not any(sandbox.turn("order", number=number)["undelivered"] for number in paid)


@pytest.fixture(scope="package")
def worker(django_db_setup: None) -> Iterator[None]:
    """A Celery worker on the test's database; it goes before other tests run, or it would take their messages."""
    with running_worker():
        yield


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running payment platform, whose wallet is a web page."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), "--pace", "0.01") as started:
        yield started


@pytest.fixture(scope="session")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages are kept."""
    return tmp_path_factory.mktemp("shots", numbered=False)


@pytest.fixture
def shoot(shots: Path) -> Shoot:
    """Take a picture of a whole page under a name."""

    def take(page: Page, name: str) -> None:
        width = (page.viewport_size or DESK)["width"]
        page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)

    return take


@pytest.fixture
def phone(browser: Browser, reachable: str) -> Iterator[Page]:
    """A page as wide as a telephone, with fingers."""
    yield from watched_page(
        browser, reachable, viewport=PHONE, has_touch=True, is_mobile=True, user_agent=TELEPHONE
    )


@pytest.fixture
def desk(browser: Browser, reachable: str) -> Iterator[Page]:
    """A page as wide as a clerk's screen."""
    yield from watched_page(browser, reachable, viewport=DESK)


def watched_page(browser: Browser, address: str, **context: Any) -> Iterator[Page]:
    """A page in a context of its own; afterwards its console must hold no error."""
    errors: list[str] = []
    opened = browser.new_context(base_url=address, locale="en-US", **context)
    opened.set_default_timeout(PATIENCE_MS)
    page = opened.new_page()
    page.on("console", lambda message: note_error(message, errors))
    page.on("pageerror", lambda error: errors.append(f"{error} ({page.url}) {error.stack}"))
    yield page
    opened.close()
    assert errors == []


def note_error(message: ConsoleMessage, errors: list[str]) -> None:
    """Keep what the browser reports as an error."""
    if message.type == "error":
        errors.append(f"{message.text} ({message.location.get('url', '')})")


def fits_its_window(page: Page) -> bool:
    """Whether the page needs no scrolling to the side."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
