"""What every platform's trade bill needs: cells read by column name, times in Beijing's clock, control totals."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from payments.gateways.interface import BEIJING, BillRejected

MAX_UNPACKED = 200 * 1024 * 1024
"""A bill larger than this, once unpacked, is a bomb rather than a bill (S-09)."""

NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class Row:
    """One line of a bill: its number in the file from 1, and its cells by column name."""

    number: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """Return the first of these columns that the layout has, stripped; empty when it has none of them."""
        return next((self.cells[name].strip() for name in names if name in self.cells), "")

    def yuan(self, *names: str) -> Decimal:
        """Return a column as yuan; an empty cell is zero. Raises BillRejected for anything that is no amount."""
        return parse_yuan(self.text(*names) or "0", self.number)

    def exact(self, *names: str) -> Decimal:
        """Return a column with all its decimals: WeChat prints fees in a thousandth of a fen. Raises BillRejected."""
        return parse_decimal(self.text(*names) or "0", self.number)

    def moment(self, *names: str) -> datetime:
        """Return a column as a time. Raises BillRejected."""
        try:
            return datetime.strptime(self.text(*names), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
        except ValueError as error:
            message = _("“%(text)s” is no time.") % {"text": self.text(*names)}
            raise BillRejected("time", message, self.number) from error


def parse_decimal(text: str, row: int | None = None) -> Decimal:
    """Return plain digits with an optional sign and point. Raises BillRejected for anything else, exponents too."""
    if not NUMBER.fullmatch(text):
        raise BillRejected("amount", _("“%(text)s” is no amount.") % {"text": text}, row)
    return Decimal(text)


def parse_yuan(text: str, row: int | None = None) -> Decimal:
    """Return an amount as exact yuan with two places. Raises BillRejected for parts of a fen and for no amounts.

    >>> parse_yuan("+1684.03")
    Decimal('1684.03')
    """
    amount = parse_decimal(text, row)
    if amount != amount.quantize(Decimal("0.01")):
        raise BillRejected("amount", _("“%(text)s” has parts of a fen.") % {"text": text}, row)
    return amount.quantize(Decimal("0.01"))


def match_cells(names: Sequence[str], cells: Sequence[str], row: int) -> Row:
    """Return a line as a Row. Raises BillRejected when it has not one cell for each column."""
    if len(cells) != len(names):
        message = _("%(cells)s cells under %(columns)s columns.") % {
            "cells": len(cells),
            "columns": len(names),
        }
        raise BillRejected("cells", message, row)
    return Row(row, dict(zip(names, cells, strict=True)))


def require_columns(names: Sequence[str], required: Sequence[str], row: int) -> None:
    """Refuse a header that lacks a column we read. Raises BillRejected naming all that are missing."""
    if missing := [name for name in required if name not in names]:
        message = _("Columns missing: %(names)s.") % {"names": "、".join(missing)}
        raise BillRejected("columns", message, row)


def check_total(name: str, stated: Decimal, counted: Decimal, row: int | None = None) -> None:
    """Compare a figure the bill prints about itself with its rows. Raises BillRejected when they disagree (P-34)."""
    if stated != counted:
        message = _("%(name)s: the bill says %(stated)s, its rows give %(counted)s.") % {
            "name": name,
            "stated": stated,
            "counted": counted,
        }
        raise BillRejected("total", message, row)
