"""The account statement on a desk: of an account, its whole unit or all its payer has here; on screen and paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from billing.forms.statements import StatementForm
from billing.models import ChargeAccount
from billing.paper.statements import render_statement
from billing.selectors.accounts import get_visible_account
from billing.selectors.statement import accounts_of_payer, accounts_of_unit, default_span, get_statement
from billing.views.runs import as_pdf
from core.access import requires
from core.phones import mask_name
from core.staff import StaffView


@dataclass(frozen=True)
class Asked:
    """What a statement was asked for."""

    account: ChargeAccount
    whole: str
    first: date
    last: date
    form: StatementForm

    @property
    def account_ids(self) -> list[int]:
        """The accounts it is drawn up for: one, those of the unit, or those of the payer."""
        chosen = {"unit": accounts_of_unit, "payer": accounts_of_payer}
        if self.whole not in chosen:
            return [self.account.pk]
        return list(chosen[self.whole](self.account).values_list("pk", flat=True))


def read_wish(request: HttpRequest, pk: int) -> Asked:
    """The account in scope (else 404) and the span; what was not said, or makes no sense, is the last twelve months."""
    account = get_visible_account(request.user, pk)
    first, last = default_span(timezone.localdate())
    form = StatementForm(request.GET or {"first": first, "last": last, "whole": "account"})
    if form.is_valid():
        said = form.cleaned_data
        return Asked(account, said["whole"], said["first"] or first, said["last"] or last, form)
    return Asked(account, "account", first, last, form)


@requires("billing.view")
class StatementView(StaffView):
    """A statement on screen, with its span to be changed."""

    template_name = "billing/statement.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Return the statement."""
        asked = read_wish(self.request, context.pop("pk"))
        statement = get_statement(asked.account_ids, asked.first, asked.last)
        page = super().get_context_data(asked=asked, form=asked.form, statement=statement, **context)
        title = _("Account statement") + f" · {asked.account.unit.label}"
        return {**page, "title": title, "lead": mask_name(asked.account.payer.name)}


@requires("billing.view")
def show_statement_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The same statement on paper."""
    asked = read_wish(request, pk)
    content = render_statement(
        asked.account,
        asked.account_ids,
        first=asked.first,
        last=asked.last,
        now=timezone.now(),
        language=translation.get_language() or "zh-hans",
    )
    return as_pdf(content, f"statement-{asked.account.pk}-{asked.last}")
