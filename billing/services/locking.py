"""Takes locks in one fixed order: accounts, then bills by due day. Every decision about open money takes them first.

What was locked is handed along as `Held`, so that the steps of one deed neither lock nor look up twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from billing.models import Bill, ChargeAccount, ChargeLine
from billing.selectors.outstanding import OpenLine


@dataclass(frozen=True)
class Held:
    """Charge lines whose accounts and bills are locked until the open transaction ends.

    ``accounts`` are the locked accounts by id, with their communities; ``account_of`` is the account of each line.
    """

    accounts: Mapping[int, ChargeAccount]
    account_of: Mapping[int, int]


def lock_accounts(account_ids: Collection[int]) -> dict[int, ChargeAccount]:
    """Lock charge accounts in the order of the house and return them by id, with their communities."""
    wanted = ChargeAccount.objects.filter(pk__in=account_ids).select_related("community")
    # Of the accounts only: a lock on the joined community would line up every payment in it. no_key:
    # whoever writes a row that refers to the account need not wait.
    locked = wanted.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {account.pk: account for account in locked}


def lock_lines(line_ids: Collection[int], *, account_ids: Collection[int] = ()) -> Held:
    """Lock the accounts and bills of lines, and these accounts too.

    Before the locks only what never changes is read: which bill a line is on, and whose the bill is.
    """
    # One query each for accounts and bills, in this order and sorted: a joined FOR UPDATE locks rows as the
    # planner finds them.
    rows = ChargeLine.objects.filter(pk__in=line_ids).values_list("pk", "bill", "bill__account")
    places = {line_id: (bill_id, account_id) for line_id, bill_id, account_id in rows}
    account_of = {line_id: account_id for line_id, (_, account_id) in places.items()}
    accounts = lock_accounts({*account_of.values(), *account_ids})
    _lock_bills({bill_id for bill_id, _ in places.values()})
    return Held(accounts, account_of)


def lock_bills_of(lines: Collection[OpenLine], accounts: Mapping[int, ChargeAccount]) -> Held:
    """Lock the bills of lines that were read under the lock of their accounts."""
    _lock_bills({line.bill_id for line in lines})
    return Held(accounts, {line.line_id: line.account_id for line in lines})


def _lock_bills(bill_ids: Collection[int]) -> None:
    # Asked for the locks alone, so the rows are read and dropped.
    bills = Bill.objects.filter(pk__in=bill_ids).select_for_update(no_key=True)
    list(bills.order_by("due_on", "pk").values_list("pk"))


# Facts --------------------------------------------------------------------------------------------------


@contextmanager
def standing_facts(community_id: int) -> Iterator[None]:
    """Keep out whoever puts bills right (`lock_facts`) from the look at a community's facts to the bills made of them.

    A change approved between the two would find no bill to correct, and the bill would follow facts of the past. Many
    may make bills at once. In a transaction the lock ends with it.
    """
    if connection.in_atomic_block:
        _advise("pg_advisory_xact_lock_shared", community_id)
        yield
        return
    _advise("pg_advisory_lock_shared", community_id)
    try:
        yield
    finally:
        if connection.is_usable():  # a lost connection has let go already
            _advise("pg_advisory_unlock_shared", community_id)


def lock_facts(community_id: int) -> None:
    """Wait until nobody makes bills from a community's facts, and keep it so until the open transaction ends."""
    _advise("pg_advisory_xact_lock", community_id)


def _advise(function: str, community_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [f"billing.facts:{community_id}"])
