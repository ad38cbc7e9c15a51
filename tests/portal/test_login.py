"""Log-in by code: one answer for every phone, one queue of messages, and back to where one wanted to go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from queue import Empty

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from config.celery import app
from estates.models import Person
from tests.portal.conftest import PHONE, route
from users.services import codes
from users.tasks import send_code

STRANGER = "13999998888"


class Mailbox:
    """The queue the worker would read."""

    def __init__(self) -> None:
        self._connection = app.connection_for_read()
        self._queue = self._connection.SimpleQueue("celery")

    def take(self) -> list[tuple[str, list[str]]]:
        """Take every message: the task's name and its arguments."""
        taken: list[tuple[str, list[str]]] = []
        while True:
            try:
                message = self._queue.get_nowait()
            except Empty:
                return taken
            message.ack()
            taken.append((message.headers["task"], message.payload[0]))

    def close(self) -> None:
        self._queue.close()
        self._connection.release()


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.take()
    yield mailbox
    mailbox.take()
    mailbox.close()


@pytest.fixture
def visitor() -> Client:
    return Client()


def ask(visitor: Client, phone: str = PHONE):
    return visitor.post(route("login"), {"phone": phone})


def without_token(html: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html.decode())


def test_ask_phone_sends_the_code_to_the_worker(world, mailbox, visitor):
    answer = ask(visitor, "138 0000 1234")
    assert (answer.status_code, answer.url) == (303, route("code"))
    (task, (phone, code)) = mailbox.take()[0]
    assert (task, phone) == ("users.tasks.send_code", PHONE)
    assert re.fullmatch(r"\d{6}", code)


def test_ask_phone_answers_known_and_unknown_alike(world, mailbox, django_assert_num_queries):
    """S-14: same status, same words, same queries, same message to the worker."""
    pages = []
    for phone in (PHONE, STRANGER):
        visitor = Client()
        visitor.get(route("login"))
        with django_assert_num_queries(12):
            answer = ask(visitor, phone)
        assert (answer.status_code, answer.url) == (303, route("code"))
        html = without_token(visitor.get(route("code")).content)
        pages.append(html.replace("138****1234", "*").replace("139****8888", "*"))
    assert pages[0] == pages[1]
    assert [(task, args[0]) for task, args in mailbox.take()] == [
        ("users.tasks.send_code", PHONE),
        ("users.tasks.send_code", STRANGER),
    ]


def test_send_code_reaches_only_phones_of_the_register(world, settings, monkeypatch):
    sent: list[tuple[str, str]] = []
    monkeypatch.setattr(codes, "_senders", [lambda phone, code: sent.append((phone, code))])
    send_code(PHONE, "123456")
    send_code(STRANGER, "654321")
    assert sent == [(PHONE, "123456")]


@pytest.mark.parametrize("typed", ["", "138", "not a phone", "138000012345678"])
def test_ask_phone_says_when_it_is_no_number(world, mailbox, visitor, typed):
    answer = ask(visitor, typed)
    assert answer.status_code == 422
    assert "看一下是不是 11 位" in answer.content.decode()
    assert mailbox.take() == []


def test_ask_phone_twice_shows_the_code_page_and_the_seconds_to_wait(world, mailbox, visitor):
    ask(visitor)
    answer = ask(visitor)
    assert answer.status_code == 429
    assert re.search(r"\d+ 秒", answer.content.decode())
    assert len(mailbox.take()) == 1
    assert visitor.get(route("code")).status_code == 200


def test_ask_phone_without_a_broker_says_what_to_do(world, visitor, monkeypatch):
    def refuse(*args: object) -> None:
        raise OperationalError

    monkeypatch.setattr(send_code, "delay", refuse)
    answer = ask(visitor)
    assert answer.status_code == 503
    assert "验证码暂时发不出去" in answer.content.decode()


def test_ask_code_right_opens_what_one_wanted(world, mailbox, visitor):
    wanted = route("receipts")
    answer = visitor.get(wanted)
    visitor.get(answer.url)
    ask(visitor)
    visitor.get(route("login"))  # asking again keeps what was wanted
    code = mailbox.take()[0][1][1]
    answer = visitor.post(route("code"), {"code": code})
    assert (answer.status_code, answer.url) == (303, wanted)
    assert visitor.get(wanted).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_ask_code_leads_to_no_other_site(world, mailbox, visitor, elsewhere):
    visitor.get(route("login"), {"next": elsewhere})
    ask(visitor)
    answer = visitor.post(route("code"), {"code": mailbox.take()[0][1][1]})
    assert answer.url == route("home")


def test_ask_code_gives_a_new_session_key(world, mailbox, visitor):
    ask(visitor)
    before = visitor.session.session_key
    visitor.post(route("code"), {"code": mailbox.take()[0][1][1]})
    assert visitor.session.session_key != before


def test_ask_code_wrong_spent_and_from_another_browser_answer_the_same(world, mailbox, visitor):
    ask(visitor)
    code = mailbox.take()[0][1][1]
    thief = Client()
    ask(thief)  # refused: asked a moment ago; the code page shows all the same
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    texts = set()
    for who, typed in ((visitor, wrong), (thief, code)):
        answer = who.post(route("code"), {"code": typed})
        assert answer.status_code == 422
        texts.add(without_token(answer.content))
    assert len(texts) == 1
    assert visitor.post(route("code"), {"code": code}).status_code == 303
    visitor.post(route("logout"))
    again = visitor.post(route("code"), {"code": code})
    assert again.url == route("login")


def test_ask_code_of_someone_who_left_the_register_is_refused(world, mailbox, visitor):
    ask(visitor)
    Person.objects.filter(phone=PHONE).update(phone="")
    answer = visitor.post(route("code"), {"code": mailbox.take()[0][1][1]})
    assert answer.status_code == 404
    assert "_auth_user_id" not in visitor.session


def test_ask_code_without_a_phone_begins_at_the_phone(world, visitor):
    assert visitor.get(route("code")).url == route("login")


def test_leave_ends_the_session(owner, bills):
    assert owner.get(route("logout")).status_code == 405
    assert owner.post(route("logout")).url == route("login")
    assert owner.get(route("home")).status_code == 302


def test_log_in_pages_are_kept_out_of_caches(world, visitor):
    assert "no-store" in visitor.get(route("login"))["Cache-Control"]
