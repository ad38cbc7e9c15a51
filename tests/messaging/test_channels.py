"""The ways out: a file for the demo, e-mail with errors told apart, and which one reaches a person."""

from __future__ import annotations

import json
import smtplib
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends import locmem

from messaging.channels import switchboard
from messaging.channels.email import EmailChannel
from messaging.channels.file import FileChannel
from messaging.channels.interface import ChannelError, Letter
from messaging.events import send_code_by_message

LETTER = Letter("bill:1", "li@example.com", "账单", "一共 309.45 元")


def test_email_send_is_one_mail_with_the_key_in_its_id():
    sent = EmailChannel("暖邻 <no-reply@example.com>").send(LETTER)
    message = mail.outbox[0]
    assert (message.to, message.subject, message.body) == (["li@example.com"], "账单", "一共 309.45 元")
    assert "bill.1" in sent.provider_id


@pytest.mark.parametrize(
    ("error", "permanent", "unknown"),
    [
        (smtplib.SMTPRecipientsRefused({}), True, False),
        (smtplib.SMTPServerDisconnected("gone"), False, True),
        (TimeoutError("silence"), False, True),
        (ConnectionRefusedError("closed"), False, False),
        (smtplib.SMTPException("busy"), False, False),
    ],
)
def test_email_send_tells_errors_apart(monkeypatch, error, permanent, unknown):
    def fail(*_: Any, **__: Any) -> int:
        raise error

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", fail)
    with pytest.raises(ChannelError) as caught:
        EmailChannel("a@example.com").send(LETTER)
    assert (caught.value.permanent, caught.value.unknown) == (permanent, unknown)


def test_file_send_appends_whole_lines(tmp_path: Path):
    channel = FileChannel(tmp_path / "outbox")
    channel.send(LETTER)
    channel.send(Letter("bill:2", "13800001234", "账单", "第二行\n在同一条里"))
    lines = (tmp_path / "outbox" / "messages.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["bill:1", "bill:2"]


@pytest.mark.parametrize(
    ("contact", "channel"),
    [
        ({"phone": "13800001234", "email": "li@example.com"}, "file"),
        ({"phone": "", "email": "li@example.com"}, "email"),
        ({"phone": "", "email": ""}, None),
    ],
)
def test_find_channel_for_takes_the_first_that_reaches(settings, tmp_path, contact, channel):
    settings.STATE_DIR, settings.MESSAGE_CHANNELS = tmp_path, ["file", "email"]
    switchboard.list_channels.cache_clear()
    found = switchboard.find_channel_for(contact)
    assert (found.name if found else None) == channel
    switchboard.list_channels.cache_clear()


def test_send_code_by_message_says_the_code_and_leaves_no_row(outbox):
    send_code_by_message("13800001234", "482913")
    line = json.loads(outbox.read_text())
    assert "482913" in line["body"]
    assert line["to"] == "13800001234"
