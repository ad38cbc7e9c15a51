"""Receipts of money and of deposits on paper."""

from __future__ import annotations

from datetime import datetime

from django.utils import translation

from billing.selectors.sheets import letterhead_of
from core.calendars import day_of
from core.documents import render_pdf
from core.phones import mask_name
from payments.models import Deposit, Receipt
from payments.selectors.receipts import receipt_sheet
from users.selectors import get_name_of


def render_receipt(receipt: Receipt, *, now: datetime, language: str, reprint: int = 0) -> bytes:
    """Render a receipt as PDF, A5 landscape.

    Raises:
        core.documents.PaperUnavailableError: Pango is missing on this machine.
    """
    with translation.override(language):
        sheet = receipt_sheet(receipt, day_of(now), reprint=reprint)
    return render_pdf("print/receipt-a5.html", {"sheet": sheet}, language=language)


def name_taker(taken_by: str) -> str:
    """Who stood at the desk; nobody where a deed took a deposit over, such as ``opening:1``."""
    return "" if ":" in taken_by else get_name_of(taken_by)


def render_deposit(deposit: Deposit, *, language: str) -> bytes:
    """Render the receipt of a deposit as PDF, A5 landscape.

    Raises:
        core.documents.PaperUnavailableError: Pango is missing on this machine.
    """
    sheet = {
        "letterhead": letterhead_of(deposit.community),
        "number": deposit.number,
        "deposit": deposit,
        "payer": mask_name(deposit.account.payer.name),
        "unit": deposit.account.unit.label,
        "cashier": name_taker(deposit.taken_by),
    }
    return render_pdf("print/deposit-a5.html", {"sheet": sheet, **sheet}, language=language)
