"""Keeps an uploaded roster between preview and confirmation, and the rows to mend after it.

A kept file has a name of our own and belongs to the session that sent it (S-05, S-10); it goes when it has been
imported, or after two days.
"""

from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from estates.models import RosterImport

FOLDER = "rosters"
KEPT = timedelta(days=2)
SESSION_KEY = "roster_uploads"


def keep_upload(session: Any, data: bytes, *, file_name: str, community_id: int) -> str:
    """Store an uploaded file and return the key under which this session finds it again."""
    key = token_hex(16)
    default_storage.save(f"{FOLDER}/{key}", ContentFile(data))
    session[SESSION_KEY] = {**session.get(SESSION_KEY, {}), key: [file_name, community_id]}
    return key


def find_upload(session: Any, key: str) -> tuple[bytes, str, int] | None:
    """Return bytes, name and community id of a file that this session sent, or None when it is gone."""
    kept = session.get(SESSION_KEY, {}).get(key)
    path = f"{FOLDER}/{key}"
    if kept is None or not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        return file.read(), kept[0], kept[1]


def drop_upload(session: Any, key: str) -> None:
    """Forget a file that was imported or given up."""
    session[SESSION_KEY] = {name: kept for name, kept in session.get(SESSION_KEY, {}).items() if name != key}
    default_storage.delete(f"{FOLDER}/{key}")


def keep_rows_to_mend(record: RosterImport, workbook: bytes) -> None:
    """Store the workbook of an import's bad rows."""
    default_storage.save(_mend_path(record), ContentFile(workbook))


def find_rows_to_mend(record: RosterImport) -> bytes | None:
    """Return the workbook of an import's bad rows, or None when it has none or it is gone."""
    path = _mend_path(record)
    if not default_storage.exists(path):
        return None
    with default_storage.open(path) as file:
        workbook: bytes = file.read()
    return workbook


def drop_old_uploads(now: datetime) -> int:
    """Delete uploads that nobody confirmed within two days, and return how many."""
    if not default_storage.exists(FOLDER):
        return 0
    _folders, names = default_storage.listdir(FOLDER)
    old = [name for name in names if default_storage.get_modified_time(f"{FOLDER}/{name}") < now - KEPT]
    for name in old:
        default_storage.delete(f"{FOLDER}/{name}")
    return len(old)


def _mend_path(record: RosterImport) -> str:
    return f"{FOLDER}/to-mend/{record.pk}-{record.file_hash[:16]}.xlsx"
