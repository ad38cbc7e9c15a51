"""The sentences for findings, and the step from a finding to a `Problem` that people and programs read."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Problem
from core.tables.findings import Finding
from core.tables.sheet import Sheet

Sentences = Mapping[str, str | Promise]

SENTENCES: Sentences = {
    "formula_error": _(
        "The formula in “%(column)s” ends in the error “%(value)s”. Correct the formula or type the value."
    ),
    "formula_without_result": _(
        "The formula “%(value)s” in “%(column)s” has no result yet. "
        "Open the file in Excel, let it calculate, and save it."
    ),
    "merged_cells": _(
        "Line %(line)s of “%(column)s” is part of merged cells (%(area)s). Split them and fill in each line."
    ),
    "missing": _("“%(column)s” is empty, but it is needed."),
    "letters_in_number": _("“%(value)s” in “%(column)s” is not a number. Use digits and a point only."),
    "number_is_date": _(
        "“%(column)s” holds the date “%(value)s” where a number belongs. Format the column as a number."
    ),
    "not_whole": _("“%(value)s” in “%(column)s” is not a whole number."),
    "no_such_date": _("“%(value)s” in “%(column)s” is a day that does not exist."),
    "not_a_date": _("“%(value)s” in “%(column)s” is not a date. Write it like 2026-09-01."),
    "totals_left_out": _("Line %(line)s is a totals row (“%(value)s”) and was left out."),
    "note_left_out": _("Line %(line)s holds the note “%(value)s” and was left out."),
    "notes_left_out": _(
        "There are notes beside the table in %(count)s lines, the first in line %(line)s (“%(value)s”). "
        "They were left out."
    ),
    "columns_left_out": _("These columns are not used and were left out: %(columns)s."),
    "column_twice": _("The column “%(column)s” says the same as “%(other)s”; only the first is used."),
    "empty_sheet": _("The sheet “%(sheet)s” is empty."),
    "hidden_sheet": _("The sheet “%(sheet)s” is hidden and was left out."),
    "unknown_sheet": _(
        "No table that we know was found in the first 15 lines of the sheet “%(sheet)s”; it was left out."
    ),
}
"""The sentences every importer shares; an importer adds its own."""


def problem_of(finding: Finding, sentences: Sentences) -> Problem:
    """Put a finding into words: the importer's own sentence, or the shared one, with its parameters filled in."""
    where: dict[str, str | int] = {
        "sheet": finding.sheet,
        "row": finding.line,
        "column": finding.column,
        "value": finding.value,
    }
    words = {**where, "line": finding.line, **finding.params}
    sentence = sentences.get(finding.code) or SENTENCES[finding.code]
    return Problem(finding.code, str(sentence) % words, where, finding.blocks)


def problems_of(
    findings: Iterable[Finding], sentences: Sentences, sheets: Sequence[Sheet] = ()
) -> list[Problem]:
    """Put findings into words in the order of the file: by its sheets, then line by line."""
    places = {sheet.name: place for place, sheet in enumerate(sheets)}
    ordered = sorted(findings, key=lambda finding: (places.get(finding.sheet, -1), finding.line))
    return [problem_of(finding, sentences) for finding in ordered]
