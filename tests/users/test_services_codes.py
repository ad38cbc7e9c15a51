"""One-time codes: single use, bound, limited, and the same for known and unknown phones."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from estates.models import Company, Person
from users.models import OneTimeCode
from users.services import codes
from users.services.codes import TooManyCodesError, WrongCodeError, issue_code, send_code, spend_code

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PHONE = "13800001234"


def ask(phone: str = PHONE, now: datetime = NOON, address: str | None = "127.0.0.1") -> str:
    return issue_code(phone=phone, session_key="s1", purpose="log-in", address=address, now=now)


def spend(
    code: str, phone: str = PHONE, now: datetime = NOON, session_key: str = "s1", purpose: str = "log-in"
):
    spend_code(phone=phone, session_key=session_key, purpose=purpose, code=code, now=now)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.django_db
def test_spend_code_right_once():
    code = ask()
    spend(code)
    with pytest.raises(WrongCodeError):
        spend(code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "13900005678"},
        {"session_key": "another browser"},
        {"purpose": "bind"},
        {"now": NOON + timedelta(minutes=5)},
    ],
)
def test_spend_code_elsewhere_or_too_late_is_refused(changed):
    code = ask()
    with pytest.raises(WrongCodeError):
        spend(code, **changed)


@pytest.mark.django_db
def test_spend_code_lives_until_just_before_five_minutes():
    spend(ask(), now=NOON + timedelta(minutes=5) - timedelta(seconds=1))


@pytest.mark.django_db
def test_spend_code_five_wrong_tries_kill_it():
    code = ask()
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            spend(wrong(code))
    with pytest.raises(WrongCodeError):
        spend(code)


@pytest.mark.django_db
def test_spend_code_after_four_wrong_tries_the_right_one_counts():
    code = ask()
    for _ in range(4):
        with pytest.raises(WrongCodeError):
            spend(wrong(code))
    spend(code)


@pytest.mark.django_db
def test_issue_code_again_kills_the_older_one():
    first = ask()
    second = ask(now=NOON + timedelta(minutes=1))
    if first != second:
        with pytest.raises(WrongCodeError):
            spend(first, now=NOON + timedelta(minutes=1))
    spend(second, now=NOON + timedelta(minutes=1))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minutes", "refused_at"),
    [([0, 0], 1), ([0, 1, 2, 3, 4, 5], 5), ([0, 61, 122, 183, 244, 305, 366, 427, 488, 549, 610], 10)],
    ids=["one a minute", "five an hour", "ten a day"],
)
def test_issue_code_too_often_for_a_phone(minutes, refused_at):
    for minute in minutes[:refused_at]:
        ask(now=NOON + timedelta(minutes=minute))
    with pytest.raises(TooManyCodesError):
        ask(now=NOON + timedelta(minutes=minutes[refused_at]))


@pytest.mark.django_db
def test_issue_code_too_often_from_one_address():
    for number in range(30):
        ask(phone=f"138000{number:05d}")
    with pytest.raises(TooManyCodesError):
        ask(phone="13911112222")
    ask(phone="13911112222", address="127.0.0.2")


@pytest.mark.django_db
def test_issue_code_stores_nothing_readable():
    code = ask()
    row = OneTimeCode.objects.values().get()
    assert not any(value in (code, PHONE, "s1") for value in row.values())


@pytest.mark.django_db
def test_send_code_reaches_registered_phones_only(monkeypatch):
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(codes, "_senders", [lambda phone, code: sent.append((phone, code))])
    Person.objects.create(company=Company.objects.create(name="暖邻物业"), name="李明", phone=PHONE)

    send_code(phone=PHONE, code="123456")
    send_code(phone="13900005678", code="654321")

    assert sent == [(PHONE, "123456")]


@pytest.mark.django_db(transaction=True)
def test_spend_code_in_parallel_opens_one_session():
    code = ask()
    opened: list[bool] = []
    together = threading.Barrier(8)

    def attempt() -> None:
        together.wait()
        try:
            spend(code)
            opened.append(True)
        except WrongCodeError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [True]
