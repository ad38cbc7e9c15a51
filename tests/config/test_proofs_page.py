"""The page of proofs names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")


def test_every_test_named_on_the_page_exists() -> None:
    """Red after a test was renamed: name it anew in docs/proofs.md."""
    named = NAMED.findall((ROOT / "docs/proofs.md").read_text(encoding="utf-8"))
    assert len(named) > 40
    assert [f"{file}::{name}" for file, name in named if not is_there(ROOT / "tests" / file, name)] == []


def is_there(file: Path, name: str) -> bool:
    return file.exists() and f"def {name}(" in file.read_text(encoding="utf-8")
