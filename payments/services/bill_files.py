"""The platforms' daily bills: fetched when they are ready, settled, and noted as read.

A bill names every payment of a day, so it finds the payments of which no callback came and no question was
answered. The newest day read is how far our picture of the payments reaches (`selectors.freshness`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Max

from core.calendars import day_of
from core.money import ZERO
from payments.gateways.interface import BillRecord, BillRejected, ErrorCode, GatewayError, RecordKind
from payments.models import BillFileRead, MerchantAccount
from payments.selectors.merchants import MerchantNotReadyError, get_gateway
from payments.services.bulk import BulkSettled, settle_in_bulk

log = structlog.get_logger(__name__)

FURTHEST_BACK = timedelta(days=30)
"""A merchant whose bills were never read starts with yesterday's; a gap is caught up this far."""


@transaction.atomic
def settle_bill_files(
    *,
    merchant: MerchantAccount,
    files: Mapping[date, Sequence[BillRecord]],
    now: datetime,
    tell: bool = True,
) -> BulkSettled:
    """Settle the bills of some days at once and note them as read; a second time changes nothing."""
    records = [record for rows in files.values() for record in rows]
    settled = settle_in_bulk(merchant=merchant, records=records, now=now, tell=tell)
    BillFileRead.objects.bulk_create(
        [_note(merchant, day, rows, now) for day, rows in files.items()],
        update_conflicts=True,
        unique_fields=["merchant", "day"],
        update_fields=["record_count", "amount", "read_at"],
    )
    return settled


def _note(merchant: MerchantAccount, day: date, records: Sequence[BillRecord], now: datetime) -> BillFileRead:
    paid = [record.amount for record in records if record.kind is RecordKind.PAYMENT]
    amount = sum(paid, ZERO)
    return BillFileRead(merchant=merchant, day=day, record_count=len(records), amount=amount, read_at=now)


def fetch_bill_files(*, now: datetime) -> int:
    """Fetch and settle the bills of all merchants for the days up to yesterday; return how many were read.

    Must not run inside a transaction. A bill that cannot be had or believed stops its merchant's later days, not
    those of others, and is tried again by the next call.
    """
    merchants = MerchantAccount.objects.filter(is_active=True).select_related("community")
    return sum(_fetch_days(merchant, now) for merchant in merchants)


def _fetch_days(merchant: MerchantAccount, now: datetime) -> int:
    count = 0
    for day in _days_to_read(merchant, day_of(now)):
        records = _fetch(merchant, day)
        if records is None:
            break
        settle_bill_files(merchant=merchant, files={day: records}, now=now)
        count += 1
    return count


def _days_to_read(merchant: MerchantAccount, today: date) -> Iterator[date]:
    newest = BillFileRead.objects.filter(merchant=merchant).aggregate(day=Max("day"))["day"]
    yesterday = today - timedelta(days=1)
    day = max(newest + timedelta(days=1), today - FURTHEST_BACK) if newest else yesterday
    while day <= yesterday:
        yield day
        day += timedelta(days=1)


def _fetch(merchant: MerchantAccount, day: date) -> list[BillRecord] | None:
    """Return the rows of a day's bill, none when nothing was traded; None when it cannot be had or believed yet."""
    try:
        gateway = get_gateway(merchant)
        return gateway.read_bill(gateway.download_bill(day))
    except GatewayError as error:
        if error.code is ErrorCode.NO_BILL:
            return []
        log.warning("payments.bill_not_fetched", merchant=merchant.pk, day=str(day), error=str(error))
    except (BillRejected, MerchantNotReadyError):
        log.exception("payments.bill_rejected", merchant=merchant.pk, day=str(day))
    return None
