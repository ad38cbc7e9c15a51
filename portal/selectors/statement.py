"""The account statement of a logged-in owner, a unit at a time."""

from __future__ import annotations

from collections.abc import Collection

from django.http import Http404

from billing.models import ChargeAccount
from billing.selectors.statement import default_span, get_statement
from payments.models import PrepaymentEntry
from portal.pages import LinkView, StatementPage
from portal.readers import Owner
from portal.selectors.frames import make_frame


def list_statements(reader: Owner, unit_ids: Collection[int]) -> tuple[LinkView, ...]:
    """One link an account the person has in these units, in walking order; a unit bought twice has two."""
    accounts = ChargeAccount.objects.visible_to(reader.user).filter(unit__in=unit_ids)
    return tuple(
        LinkView(account.unit.label, reader.url("statement", account.pk))
        for account in accounts.select_related("unit__building").order_by("unit__sort_key", "start")
    )


def find_account(reader: Owner, account_id: int) -> ChargeAccount:
    """The account, when it is the reader's. Raises Http404."""
    mine = ChargeAccount.objects.visible_to(reader.user).select_related(
        "unit__building", "payer", "community"
    )
    account: ChargeAccount | None = mine.filter(pk=account_id).first()
    if account is None:
        raise Http404
    return account


def statement_page(reader: Owner, account: ChargeAccount) -> StatementPage:
    """The last twelve months of an account."""
    return StatementPage(
        frame=make_frame(reader, community=account.community.name, where=account.unit.label, here="me"),
        unit=account.unit.label,
        statement=get_statement([account.pk], *default_span(reader.today)),
        prepaid=PrepaymentEntry.objects.filter(account=account).balance(),
        pdf_url=reader.url("statement-pdf", account.pk),
    )
