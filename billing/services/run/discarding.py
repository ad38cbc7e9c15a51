"""A draft that nobody approved can go, so that the month can be billed again from better facts."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BillRun, RunState
from core import audit
from core.errors import ConflictError

DELETIONS = (
    "DELETE FROM billing_chargeline l USING billing_bill b WHERE b.id = l.bill_id AND b.run_id = %s",
    "DELETE FROM billing_bill WHERE run_id = %s",
    "DELETE FROM billing_runitem WHERE run_id = %s",
)


class RunApprovedError(ConflictError):
    """Only drafts are discarded; what was approved is corrected by voiding single bills."""

    code = "billing.run_approved"
    message = _("This run has been approved. Void single bills instead.")


@transaction.atomic
def discard_run(*, run: BillRun, by: Any) -> None:
    """Remove a draft run with its bills. Raises RunApprovedError once it was reviewed, or issued and recalled."""
    run = BillRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if run.state != RunState.DRAFT or run.bills.filter(issued_on__isnull=False).exists():
        raise RunApprovedError()
    figures = {"period": run.period_start, "bills": run.bill_count, "total": run.total}
    audit.record(
        action="billing.discard_run", target=run, by=by, community_id=run.community_id, before=figures
    )
    # Set by set: the collector of `delete()` would load every line of the run to look for what refers to
    # it.
    with connection.cursor() as cursor:
        for statement in DELETIONS:
            cursor.execute(statement, [run.pk])
    run.delete()
