"""The account statement on paper: what `templates/print/statement-a4.html` needs, and its PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from billing.domain.sheets import Letterhead
from billing.models import ChargeAccount
from billing.selectors.sheets import letterhead_of
from billing.selectors.statement import AccountStatement, get_statement
from core.calendars import day_of
from core.documents import render_pdf
from core.phones import mask_name

TEMPLATE = "print/statement-a4.html"


@dataclass(frozen=True)
class StatementSheet:
    """The statement as a letter. ``drawn_at`` is the moment its figures are of."""

    letterhead: Letterhead
    number: str
    unit: str
    payer: str
    area: Decimal | None
    statement: AccountStatement
    drawn_at: datetime
    view_url: str

    @property
    def as_of(self) -> date:
        """The day it was drawn up."""
        return day_of(self.drawn_at)


def render_statement(
    account: ChargeAccount,
    account_ids: list[int],
    *,
    first: date,
    last: date,
    now: datetime,
    language: str,
) -> bytes:
    """Render the statement of an account (with those drawn up together with it) as an A4 PDF.

    Raises:
        core.documents.PaperUnavailableError: Pango is missing on this machine.
    """
    with translation.override(language):
        statement = get_statement(account_ids, first, last)
        sheet = StatementSheet(
            letterhead=letterhead_of(account.community),
            number=f"DZ{last:%Y%m%d}-{account.pk:08}",
            unit=account.unit.label,
            payer=mask_name(account.payer.name),
            area=account.unit.area_m2,
            statement=statement,
            drawn_at=now,
            view_url=settings.PUBLIC_URL + reverse("portal:home"),
        )
        return render_pdf(TEMPLATE, {"sheet": sheet}, language=language)
