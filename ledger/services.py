"""Writing the books: open them, post entries, reverse entries. Nothing here is ever changed afterwards.

Debits are positive and credits negative; the legs of an entry sum to zero, which the database checks again at
COMMIT (P-01). The caller opens the transaction: an entry commits with the deed it tells of, or not at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from core.bulk import NULL, Fen, Text, copy_rows, reserve_ids
from core.errors import ConflictError, InvalidError
from core.money import to_fen
from estates.models import Company
from ledger.chart import CHART, REVENUE, revenue_code
from ledger.models import JournalEntry, JournalLeg, LedgerAccount, LedgerAccountKind
from ledger.selectors import find_closed_through, get_booking_day

IntArray = npt.NDArray[np.int64]


# A conflict is answered by no row: a refused INSERT would break the transaction of the caller, who may catch
# the error.
OPEN_ENTRY = """
    INSERT INTO ledger_journalentry (company_id, community_id, booked_on, kind, source, memo)
    VALUES (%(company_id)s, %(community_id)s, %(booked_on)s, %(kind)s, %(source)s, %(memo)s)
    ON CONFLICT (company_id, source) DO NOTHING
    RETURNING *
"""


class UnbalancedEntryError(InvalidError):
    """The legs of an entry do not sum to zero."""

    code = "ledger.unbalanced"
    message = _("The legs of an entry must sum to zero.")


class UnknownLedgerAccountError(InvalidError):
    """A leg names a code that the company's books do not have."""

    code = "ledger.unknown_account"
    message = _("The books have no such ledger account.")


class AlreadyPostedError(ConflictError):
    """The deed is in the books already; nothing was written a second time."""

    code = "ledger.already_posted"
    message = _("This has already been posted to the books.")


class AlreadyReversedError(ConflictError):
    """The entry was reversed before; a second reversal would count it twice."""

    code = "ledger.already_reversed"
    message = _("This entry has already been reversed.")


class PeriodClosedError(ConflictError):
    """The day lies in a closed period (P-08); what was wrong is corrected on a day that is open."""

    code = "ledger.period_closed"
    message = _("The books of this month are closed. Corrections are booked on a later day.")


@dataclass(frozen=True)
class Leg:
    """One signed amount in yuan, debit positive; ``charge_account_id`` says whose money it is about."""

    code: str
    amount: Decimal
    charge_account_id: int | None = None


@dataclass(frozen=True)
class Posting:
    """One of many entries to post: its day, the business act as its source, and its legs."""

    booked_on: date
    source: str
    legs: Sequence[Leg]
    memo: str = ""


@dataclass(frozen=True)
class LegColumn:
    """Many legs of one ledger account: signed fen, and whose they are in parallel (None: nobody's)."""

    code: str
    amounts_fen: IntArray
    charge_account_ids: IntArray | None = None


@transaction.atomic
def open_books(*, company: Company) -> None:
    """Give the company the chart of accounts. Accounts that exist stay as they are: twice is fine."""
    rows = [LedgerAccount(company=company, code=a.code, name=a.name, kind=a.kind) for a in CHART]
    LedgerAccount.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def open_revenue_account(*, company: Company, name: str) -> str:
    """Return the code of the company's revenue account of this name; a new name opens the next account.

    Fee items of one name share an account across communities. The company is locked while numbers are given.
    """
    Company.objects.select_for_update().get(pk=company.pk)
    revenues = LedgerAccount.objects.filter(company=company, code__startswith=REVENUE).exclude(code=REVENUE)
    found = revenues.filter(name=name).first()
    if found:
        return found.code
    code = revenue_code(revenues.count() + 1)
    LedgerAccount.objects.create(company=company, code=code, name=name, kind=LedgerAccountKind.INCOME)
    return code


def post(
    *,
    company_id: int,
    community_id: int,
    booked_on: date,
    kind: str,
    source: str,
    legs: Sequence[Leg],
    memo: str = "",
    or_later: bool = False,
) -> JournalEntry:
    """Post one entry of a few legs. Legs of zero are left out.

    ``source`` names the deed and is unique in the company: a second post of it raises AlreadyPostedError and
    writes nothing. With ``or_later`` a deed of a closed day is booked on the first open one. For thousands of legs
    take `post_columns`, for thousands of entries `post_many`.

    Raises UnbalancedEntryError, UnknownLedgerAccountError, AlreadyPostedError, PeriodClosedError.
    """
    columns = [
        LegColumn(
            leg.code,
            np.array([to_fen(leg.amount)], dtype=np.int64),
            None if leg.charge_account_id is None else np.array([leg.charge_account_id], dtype=np.int64),
        )
        for leg in legs
    ]
    return post_columns(
        company_id=company_id,
        community_id=community_id,
        booked_on=booked_on,
        kind=kind,
        source=source,
        columns=columns,
        memo=memo,
        or_later=or_later,
    )


@transaction.atomic
def post_columns(
    *,
    company_id: int,
    community_id: int,
    booked_on: date,
    kind: str,
    source: str,
    columns: Sequence[LegColumn],
    memo: str = "",
    or_later: bool = False,
) -> JournalEntry:
    """Post one entry whose legs come as columns and are written by one COPY: a chunk of a billing run.

    The same promises and errors as `post`. One COPY also means that the database weighs the legs as one set.
    """
    if sum(int(column.amounts_fen.sum()) for column in columns):
        raise UnbalancedEntryError()
    day = _find_day(company_id, community_id, booked_on, or_later=or_later)
    accounts = _ledger_account_ids(company_id, {column.code for column in columns})
    entry = _open_entry(
        company_id=company_id, community_id=community_id, booked_on=day, kind=kind, source=source, memo=memo
    )
    _copy_legs(entry.pk, accounts, columns)
    return entry


@transaction.atomic
def post_many(*, company_id: int, community_id: int, kind: str, postings: Sequence[Posting]) -> int:
    """Post many small entries, a receipt each, by one COPY of entries and one of legs; return their number.

    The same promises and errors as `post`, which writes a single one; one refused entry refuses all.
    """
    if len(postings) == 1:
        post(company_id=company_id, community_id=community_id, kind=kind, **vars(postings[0]))
        return 1
    for posting in postings:
        if sum(to_fen(leg.amount) for leg in posting.legs):
            raise UnbalancedEntryError()
    _refuse_closed(company_id, community_id, [posting.booked_on for posting in postings])
    sources = [posting.source for posting in postings]
    # COPY knows no ON CONFLICT, so it is asked before; of two at once the second is refused by the unique
    # source.
    if JournalEntry.objects.filter(company_id=company_id, source__in=sources).exists():
        raise AlreadyPostedError()
    accounts = _ledger_account_ids(company_id, {leg.code for posting in postings for leg in posting.legs})
    entry_ids = reserve_ids(JournalEntry, len(postings))
    shared = {"company_id": company_id, "community_id": community_id, "kind": kind}
    copy_rows(
        JournalEntry._meta.db_table,
        {
            "id": list(entry_ids),
            "booked_on": [posting.booked_on for posting in postings],
            "source": sources,
            "memo": [posting.memo for posting in postings],
            **{name: [value] * len(postings) for name, value in shared.items()},
        },
    )
    _copy_many_legs(list(zip(entry_ids, postings, strict=True)), accounts)
    return len(postings)


@transaction.atomic
def reverse(*, entry: JournalEntry, booked_on: date, source: str, memo: str = "") -> JournalEntry:
    """Post the mirror of an entry: every leg with the other sign, in a new entry that names the old one.

    Raises AlreadyReversedError, PeriodClosedError, and AlreadyPostedError when the source is taken.
    """
    _refuse_closed(entry.company_id, entry.community_id, [booked_on])
    # The row never changes; it is locked so that two reversals of it come one after the other.
    JournalEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if JournalEntry.objects.filter(reverses=entry).exists():
        raise AlreadyReversedError()
    mirror, is_new = JournalEntry.objects.get_or_create(
        company_id=entry.company_id,
        source=source,
        defaults={
            "community_id": entry.community_id,
            "booked_on": booked_on,
            "kind": entry.kind,
            "memo": memo,
            "reverses": entry,
        },
    )
    if not is_new:
        raise AlreadyPostedError()
    _copy_mirrored_legs(entry.pk, mirror.pk)
    return mirror


def _find_day(company_id: int, community_id: int, wished: date, *, or_later: bool) -> date:
    """The day an entry is booked on: the wished one, or the first open one after it where that will do."""
    if not or_later:
        _refuse_closed(company_id, community_id, [wished])
        return wished
    return get_booking_day(company_id=company_id, community_id=community_id, day=wished)


def _open_entry(**fields: Any) -> JournalEntry:
    """Write the head of an entry in one statement. Raises AlreadyPostedError when the source is taken."""
    written = JournalEntry.objects.raw(OPEN_ENTRY, fields)
    entry: JournalEntry | None = next(iter(written), None)
    if entry is None:
        raise AlreadyPostedError()
    return entry


def _refuse_closed(company_id: int, community_id: int, days: Collection[date]) -> None:
    """Refuse days of a closed period in words; the triggers refuse them without, whoever writes."""
    through = find_closed_through(company_id=company_id, community_id=community_id)
    if through and min(days, default=date.max) <= through:
        message = _("The books are closed through %(day)s. Corrections are booked on a later day.")
        raise PeriodClosedError(message % {"day": through})


def _ledger_account_ids(company_id: int, codes: set[str]) -> dict[str, int]:
    found = LedgerAccount.objects.filter(company_id=company_id, code__in=codes).values_list("code", "id")
    ids = dict(found)
    if missing := sorted(codes - ids.keys()):
        raise UnknownLedgerAccountError(
            _("The books have no ledger account %(codes)s.") % {"codes": ", ".join(missing)}
        )
    return ids


def _copy_legs(entry_id: int, account_ids: dict[str, int], columns: Iterable[LegColumn]) -> None:
    kept = [_without_zeros(column) for column in columns]
    counts = [len(column.amounts_fen) for column in kept]
    copy_rows(
        JournalLeg._meta.db_table,
        {
            "entry_id": np.full(sum(counts), entry_id, dtype=np.int64),
            "ledger_account_id": np.repeat([account_ids[column.code] for column in kept], counts),
            "charge_account_id": Text([owner for column in kept for owner in _owners(column)]),
            "amount": Fen(
                np.concatenate([column.amounts_fen for column in kept] or [np.array([], np.int64)])
            ),
        },
    )


def _copy_many_legs(postings: Sequence[tuple[int, Posting]], account_ids: dict[str, int]) -> None:
    legs = [(entry_id, leg) for entry_id, posting in postings for leg in posting.legs if leg.amount]
    copy_rows(
        JournalLeg._meta.db_table,
        {
            "entry_id": [entry_id for entry_id, _ in legs],
            "ledger_account_id": [account_ids[leg.code] for _, leg in legs],
            "charge_account_id": [leg.charge_account_id for _, leg in legs],
            "amount": [leg.amount for _, leg in legs],
        },
    )


def _without_zeros(column: LegColumn) -> LegColumn:
    keep = column.amounts_fen != 0
    owners = None if column.charge_account_ids is None else column.charge_account_ids[keep]
    return LegColumn(column.code, column.amounts_fen[keep], owners)


def _owners(column: LegColumn) -> list[str]:
    if column.charge_account_ids is None:
        return [NULL] * len(column.amounts_fen)
    return list(map(str, column.charge_account_ids.tolist()))


def _copy_mirrored_legs(entry_id: int, mirror_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO ledger_journalleg (entry_id, ledger_account_id, charge_account_id, amount)
               SELECT %s, ledger_account_id, charge_account_id, -amount FROM ledger_journalleg
               WHERE entry_id = %s ORDER BY id""",
            [mirror_id, entry_id],
        )
