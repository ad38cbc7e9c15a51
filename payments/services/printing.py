"""Handing out receipts on paper, and counting how often."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import audit
from payments.models import Receipt, ReceiptPrint
from users.models import User


@transaction.atomic
def record_print(*, receipt: Receipt, by: User, now: datetime) -> int:
    """Note that a receipt is being printed and return which reprint it is: 0 for the first print.

    The receipt is locked, so that two desks never print the same number of a reprint.
    """
    Receipt.objects.select_for_update(no_key=True).get(pk=receipt.pk)
    reprint = ReceiptPrint.objects.filter(receipt=receipt).count()
    ReceiptPrint.objects.create(receipt=receipt, copy=reprint, printed_at=now, printed_by=by.get_username())
    audit.record(
        action="payments.print_receipt",
        target=receipt,
        by=by,
        community_id=receipt.community_id,
        after={"reprint": reprint},
    )
    return reprint
