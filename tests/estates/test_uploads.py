"""Uploads wait for their confirmation two days, and for nobody else."""

import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from estates.nightly import drop_uploads
from estates.uploads import drop_upload, find_upload, keep_upload

pytestmark = pytest.mark.usefixtures("media")


def test_find_upload_gives_back_what_this_session_sent() -> None:
    session: dict[str, Any] = {}
    key = keep_upload(session, b"x", file_name="../../名册.csv", community_id=7)
    assert find_upload(session, key) == (b"x", "../../名册.csv", 7)
    assert find_upload({}, key) is None


def test_keep_upload_uses_no_name_of_the_sender(media: Path) -> None:
    keep_upload({}, b"x", file_name="../../名册.csv", community_id=7)
    assert [path.parent.name for path in media.rglob("*") if path.is_file()] == ["rosters"]


def test_drop_upload_forgets_the_file(media: Path) -> None:
    session: dict[str, Any] = {}
    key = keep_upload(session, b"x", file_name="a.csv", community_id=7)
    drop_upload(session, key)
    assert find_upload(session, key) is None
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_drop_uploads_leaves_young_files(media: Path) -> None:
    session: dict[str, Any] = {}
    old, young = (keep_upload(session, b"x", file_name="a.csv", community_id=7) for _ in range(2))
    for key, day in ((old, 1), (young, 30)):
        moment = datetime(2026, 9, day, 12, tzinfo=UTC).timestamp()
        os.utime(media / "rosters" / key, (moment, moment))
    assert drop_uploads(date(2026, 10, 1)) == {"dropped": 1}
    assert (find_upload(session, old), find_upload(session, young)) == (None, (b"x", "a.csv", 7))
