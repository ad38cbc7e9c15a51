"""Reading the platforms' bill files: what callbacks and questions missed, and how far our picture reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from payments.gateways.interface import BillRecord, BillRejected, ErrorCode, Gateway, GatewayError, RecordKind
from payments.models import BillFileRead, MerchantAccount
from payments.selectors.merchants import get_gateway
from payments.services.bulk import BulkSettled, settle_in_bulk

MOST_DAYS = 31


def read_bill_files(
    *, merchant: MerchantAccount, days: Sequence[date], now: datetime, tell: bool = True
) -> BulkSettled:
    """Fetch a merchant's bill files of these days, settle what is new in them, and note the days as read.

    Must not run inside a transaction: the files are fetched first. A day read again settles nothing new.

    Raises:
        GatewayError: the platform could not be reached, or a file is not ready; nothing is noted.
        BillRejected: a file disagrees with its own totals; nothing is noted.
    """
    gateway = get_gateway(merchant)
    files = {day: _fetch(gateway, day) for day in days}
    with transaction.atomic():
        records = [record for found in files.values() for record in found]
        settled = settle_in_bulk(merchant=merchant, records=records, now=now, tell=tell)
        BillFileRead.objects.bulk_create(
            [_note(merchant, day, found, now) for day, found in files.items()], ignore_conflicts=True
        )
    return settled


def list_unread_days(merchant: MerchantAccount, until: date) -> list[date]:
    """The days whose files wait to be read, up to and including ``until``; a month at most.

    A merchant whose files were never read starts with the last of these days.
    """
    newest = BillFileRead.objects.filter(merchant=merchant, day__lte=until).order_by("-day").first()
    first = max(newest.day + timedelta(days=1), until - timedelta(days=MOST_DAYS - 1)) if newest else until
    return [first + timedelta(days=number) for number in range((until - first).days + 1)]


def _fetch(gateway: Gateway, day: date) -> list[BillRecord]:
    try:
        return gateway.read_bill(gateway.download_bill(day))
    except GatewayError as error:
        if error.code == ErrorCode.NO_BILL:
            return []
        raise


def _note(merchant: MerchantAccount, day: date, records: Sequence[BillRecord], now: datetime) -> BillFileRead:
    paid = [record.amount for record in records if record.kind is RecordKind.PAYMENT]
    return BillFileRead(
        merchant=merchant, day=day, record_count=len(records), amount=sum(paid, Decimal("0.00")), read_at=now
    )


@dataclass(frozen=True)
class FilesRead:
    """What one round brought: new receipts by merchant, and the merchants whose platform gave no file."""

    receipts: dict[str, int]
    failed: list[str]


def read_ready_files(*, until: date, now: datetime) -> FilesRead:
    """Read every merchant's unread files up to and including a day.

    A platform that gives none is named and asked again the next night; its data grows old, which stops
    reminders aloud (F17).
    """
    receipts, failed = {}, []
    for merchant in MerchantAccount.objects.filter(is_active=True).order_by("pk"):
        try:
            days = list_unread_days(merchant, until)
            receipts[merchant.slug] = read_bill_files(merchant=merchant, days=days, now=now).receipts
        except (GatewayError, BillRejected):
            failed.append(merchant.slug)
    return FilesRead(receipts, failed)
