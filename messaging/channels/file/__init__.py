"""The demo's channel: messages become lines of a file, one file a day of the writing machine's state folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from messaging.channels.interface import Letter, Sent


class FileChannel:
    """Appends each letter as one line of JSON; a line is written whole or not at all."""

    name = "file"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "messages.jsonl"
        folder.mkdir(parents=True, exist_ok=True)

    def address_of(self, contact: Mapping[str, str]) -> str:
        """The phone, as an SMS or WeChat message would use it."""
        return contact.get("phone", "")

    def send(self, letter: Letter) -> Sent:
        """Append the letter; the provider id is the fingerprint of its key."""
        line = {"key": letter.key, "to": letter.address, "subject": letter.subject, "body": letter.body}
        with self._file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        return Sent(provider_id=hashlib.sha256(letter.key.encode()).hexdigest()[:16])
