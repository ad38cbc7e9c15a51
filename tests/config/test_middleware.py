"""Language, idle sessions and the security headers, as a browser meets them."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from users.models import User

BEGIN = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def clerk(client: Client) -> Client:
    """A signed-in member of staff."""
    client.force_login(User.objects.create_superuser("clerk", password="a long enough phrase"))
    return client


def is_signed_in(browser: Client) -> bool:
    """Whether the staff pages let this browser in."""
    return browser.get("/admin/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("cookie", "language"), [("", "zh-hans"), ("en", "en"), ("fr", "zh-hans"), ("zh-hans", "zh-hans")]
)
def test_language_of_a_stranger_is_the_cookie_or_chinese(client: Client, cookie: str, language: str) -> None:
    client.cookies["nuanlin_language"] = cookie
    response = client.get("/health/", headers={"Accept-Language": "en-US,en"})
    assert response["Content-Language"] == language


@pytest.mark.django_db
def test_language_of_a_person_is_the_profile(clerk: Client) -> None:
    User.objects.update(language="en")
    clerk.cookies["nuanlin_language"] = "zh-hans"
    assert clerk.get("/health/")["Content-Language"] == "en"


@pytest.mark.django_db
@pytest.mark.parametrize(("chosen", "language"), [("en", "en"), ("zh-hans", "zh-hans"), ("fr", "zh-hans")])
def test_choose_language_stays_with_the_person(clerk: Client, chosen: str, language: str) -> None:
    assert clerk.post("/i18n/setlang/", {"language": chosen, "next": "/admin/"})["Location"] == "/admin/"
    assert clerk.get("/health/")["Content-Language"] == language
    assert User.objects.get().language == language


@pytest.mark.django_db
def test_choose_language_of_a_stranger_stays_in_the_browser(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "en"})
    assert client.get("/health/")["Content-Language"] == "en"


@pytest.mark.django_db
@pytest.mark.parametrize(("minutes", "kept"), [(29, True), (30, True), (31, False)])
def test_session_after_a_pause(clerk: Client, minutes: int, kept: bool) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        assert is_signed_in(clerk)
        clock.shift(timedelta(minutes=minutes))
        assert is_signed_in(clerk) is kept


@pytest.mark.django_db
def test_session_in_steady_use_stays(clerk: Client) -> None:
    with time_machine.travel(BEGIN, tick=False) as clock:
        for _ in range(4):
            assert is_signed_in(clerk)
            clock.shift(timedelta(minutes=20))
        assert is_signed_in(clerk)


@pytest.mark.django_db
def test_content_security_policy_is_loose_for_staff_only(client: Client) -> None:
    assert "unsafe" not in client.get("/health/")["Content-Security-Policy"]
    assert "'unsafe-eval'" in client.get("/admin/login/")["Content-Security-Policy"]


@pytest.mark.django_db
def test_health_of_a_house_without_valkey(client: Client, settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock",
        }
    }
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"database": True, "jobs": False})
