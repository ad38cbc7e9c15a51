"""The mail to those who may review a run that waits for one of them."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from billing.models import BillRun, RunState
from core.figures import format_amount, format_month
from messaging.channels.interface import Letter
from messaging.channels.switchboard import find_channel_for
from users.selectors import list_staff_who_may


def write_to_reviewers(run_id: int) -> int:
    """Write to each reviewer who can be reached by e-mail, in his language; return how many. Reviewed: to nobody."""
    run = BillRun.objects.select_related("community").get(pk=run_id)
    if run.state != RunState.DRAFT:
        return 0
    written = 0
    for reviewer in list_staff_who_may("billing.review", run.community):
        channel = find_channel_for({"email": reviewer.email})
        if channel is None:
            continue
        with translation.override(reviewer.language):
            subject, body = _tell(run)
        channel.send(
            Letter(f"review:{run.pk}:{run.reminded_on}:{reviewer.pk}", reviewer.email, subject, body)
        )
        written += 1
    return written


def _tell(run: BillRun) -> tuple[str, str]:
    words = {
        "community": run.community.name,
        "month": format_month(run.period_start, run.period_start),
        "bills": run.bill_count,
        "total": format_amount(run.total),
        "link": f"{settings.PUBLIC_URL}{reverse('billing:run', args=[run.pk])}",
    }
    subject = _("%(community)s: the bills of %(month)s wait for your review") % words
    body = _(
        "%(bills)d bills over %(total)s yuan are drafts. Look at what changed and approve them: %(link)s"
    )
    return subject, body % words
