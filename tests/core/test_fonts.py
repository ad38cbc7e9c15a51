"""Faces are cut once, whole, and hold the characters that names and bills need."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from core import fonts

RARE = "䶮㛃𬭎㎡№□→×÷−¥"


@pytest.fixture(scope="module")
def faces() -> tuple[fonts.Face, ...]:
    return fonts.list_faces()


def test_list_faces_names_two_weights_of_sans_and_one_serif(faces: tuple[fonts.Face, ...]) -> None:
    assert [(face.family, face.weight) for face in faces] == [
        ("NL Sans", 400),
        ("NL Sans", 700),
        ("NL Serif", 400),
    ]


def test_list_faces_hold_rare_characters_of_names_and_units(faces: tuple[fonts.Face, ...]) -> None:
    missing = {
        face.path.name: [c for c in RARE if ord(c) not in TTFont(face.path).getBestCmap()] for face in faces
    }
    assert missing == {face.path.name: [] for face in faces}


def test_list_faces_are_static_cff_that_every_pdf_reader_takes(faces: tuple[fonts.Face, ...]) -> None:
    tables = [set(TTFont(face.path).keys()) & {"CFF ", "CFF2", "fvar"} for face in faces]
    assert tables == [{"CFF "}, {"CFF "}, {"CFF "}]


def test_get_cut_asked_by_two_at_once_cuts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cuts: list[int] = []

    def count(source: Path, weight: int) -> bytes:
        cuts.append(weight)
        return b"a face"

    monkeypatch.setattr(fonts, "_compute_cut", count)
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: fonts._get_cut(tmp_path, 400), range(8)))
    assert cuts == [400]
    assert [path.read_bytes() for path in paths] == [b"a face"]
    assert sorted(path.suffix for path in tmp_path.iterdir()) == ["", ".otf"]


def test_get_cut_killed_while_writing_leaves_no_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(source: Path, weight: int) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(fonts, "_compute_cut", die)
    with pytest.raises(KeyboardInterrupt):
        fonts._get_cut(tmp_path, 400)
    assert list(tmp_path.glob("*.otf")) == []
