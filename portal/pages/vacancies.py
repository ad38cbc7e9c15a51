"""What the owner's page of vacancies holds, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.pages.frames import Frame


@dataclass(frozen=True)
class VacancyView:
    """One application: its unit, how far it is by name and in words, and the texts it rests on."""

    unit: str
    state: str
    since: date
    words: str
    articles: str = ""


@dataclass(frozen=True)
class VacancyChoice:
    """A unit one may apply for, and what the rules of its community say before anybody applies."""

    unit_id: int
    unit: str
    rule: str
    chosen: bool = False


@dataclass(frozen=True)
class VacanciesPage:
    """The page: applications and vacancies, newest first, the form with what was typed, and what went wrong."""

    frame: Frame
    rows: tuple[VacancyView, ...]
    choices: tuple[VacancyChoice, ...]
    action: str
    empty_since: str = ""
    reason: str = ""
    error: str = ""
