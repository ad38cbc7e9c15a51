"""Receipts on paper."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation

from core.documents import render_pdf
from payments.models import Receipt
from payments.selectors.receipts import receipt_sheet


def render_receipt(receipt: Receipt, *, now: datetime, language: str, reprint: int = 0) -> bytes:
    """Render a receipt as PDF, A5 landscape.

    Raises:
        core.documents.PaperUnavailableError: Pango is missing on this machine.
    """
    with translation.override(language):
        sheet = receipt_sheet(receipt, timezone.localdate(now), reprint=reprint)
    return render_pdf("print/receipt-a5.html", {"sheet": sheet}, language=language)
