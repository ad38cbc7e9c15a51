"""What a reader wants to pay: which lines, and how much of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import ChargeLine
from billing.selectors.outstanding import OpenLine, open_lines
from core.errors import InvalidError, NotFoundError
from core.figures import format_in_sentence
from core.money import ZERO
from portal.readers import Reader

AMOUNT = re.compile(r"\d{1,9}(\.\d{1,2})?", re.ASCII)
PART = re.compile(r"(\d{1,18}):(\d{1,9}\.\d{2})", re.ASCII)


class NothingOpenError(NotFoundError):
    """Everything that was asked for is paid already."""

    code = "portal.nothing_open"
    message = gettext_lazy("There is nothing to pay here any more.")


class UnclearWishError(InvalidError):
    """The choice cannot be paid as it stands; the message says what to change."""

    code = "portal.unclear_wish"


@dataclass(frozen=True)
class Wish:
    """The open lines somebody wants to pay and the amount for each, in yuan; lines without an amount get none."""

    lines: tuple[OpenLine, ...]
    amounts: Mapping[int, Decimal]

    @property
    def total(self) -> Decimal:
        """The sum, in yuan."""
        return sum(self.amounts.values(), ZERO)

    @property
    def bill_numbers(self) -> tuple[str, ...]:
        """The bills it touches, in the order in which they are due."""
        return tuple(dict.fromkeys(line.bill_number for line in self.lines if line.line_id in self.amounts))


def list_open(reader: Reader, number: str = "") -> list[OpenLine]:
    """The open lines of one bill, or of all the reader's bills, by due day.

    Raises:
        Http404: the bill is not this reader's.
    """
    bills = reader.bills().filter(number=number) if number else reader.bills()
    bill_ids = list(bills.values_list("pk", flat=True))
    if number and not bill_ids:
        raise Http404
    return open_lines(bill_ids=bill_ids)


def read_wish(reader: Reader, sent: QueryDict) -> Wish:
    """Read a wish from an address: ticked ``line`` ids, or a ``bill`` number, or everything that is open.

    ``picked`` says that it comes from the page with the ticks. ``part`` is an amount below the sum; it goes to the
    lines in order of their due days. Ticks on lines of others are not seen.

    Raises:
        NothingOpenError: all of it is paid.
        UnclearWishError: nothing is ticked, or ``part`` is no amount or too much, or two communities are mixed.
        Http404: the bill is not this reader's.
    """
    ticked = {int(line) for line in sent.getlist("line") if line.isdecimal()}
    if "picked" in sent and not ticked:
        raise UnclearWishError(_("Nothing is ticked. Please tick what you want to pay."))
    lines = [line for line in list_open(reader, sent.get("bill", "")) if not ticked or line.line_id in ticked]
    if not lines:
        raise NothingOpenError
    _refuse_two_communities(reader, lines)
    return Wish(tuple(lines), _share(lines, read_part(sent.get("part", ""))))


def read_part(text: str) -> Decimal | None:
    """The amount somebody wrote; None when the field is empty.

    >>> read_part(" 1,200.5 "), read_part("¥300"), read_part("")
    (Decimal('1200.5'), Decimal('300'), None)

    Raises:
        UnclearWishError: it is no amount in whole fen above zero.
    """
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip(" ¥元")
    if not plain:
        return None
    if not AMOUNT.fullmatch(plain) or not Decimal(plain):
        raise UnclearWishError(
            _("“%(text)s” is not an amount we can read. Write it like 300 or 300.50.") % {"text": text[:20]}
        )
    return Decimal(plain)


def read_amounts(reader: Reader, sent: QueryDict) -> dict[int, Decimal | None]:
    """The lines and amounts the page with the sum posts back.

    Raises:
        Http404: the form names no line, no amount, or a line that is not this reader's.
    """
    pairs = [PART.fullmatch(text) for text in sent.getlist("part-of")]
    amounts: dict[int, Decimal | None] = {int(pair[1]): Decimal(pair[2]) for pair in pairs if pair}
    own = ChargeLine.objects.filter(bill__in=reader.bills(), pk__in=amounts).count()
    if not all(pairs) or not amounts or own != len(amounts):
        raise Http404
    return amounts


def wish_again(amounts: Mapping[int, Decimal | None]) -> Wish:
    """What of a posted wish can still be paid.

    Raises:
        NothingOpenError: nothing can.
    """
    lines = open_lines(line_ids=list(amounts))
    if not lines:
        raise NothingOpenError
    return Wish(
        tuple(lines),
        {line.line_id: min(amounts[line.line_id] or line.outstanding, line.outstanding) for line in lines},
    )


def _share(lines: Sequence[OpenLine], part: Decimal | None) -> dict[int, Decimal]:
    total = sum((line.outstanding for line in lines), ZERO)
    left = total if part is None else part
    if left > total:
        raise UnclearWishError(
            _("That is more than what you ticked, which comes to %(total)s.")
            % {"total": format_in_sentence(total)}
        )
    amounts = {}
    for line in lines:
        take = min(left, line.outstanding)
        if take > 0:
            amounts[line.line_id] = take
        left -= take
    return amounts


def _refuse_two_communities(reader: Reader, lines: Sequence[OpenLine]) -> None:
    bills = reader.bills().filter(pk__in={line.bill_id for line in lines})
    if len(set(bills.values_list("community_id", flat=True))) > 1:
        raise UnclearWishError(
            _("These bills belong to two communities. Please pay one community after the other.")
        )
