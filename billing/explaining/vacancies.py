"""Vacancies as people read them: what the rules grant, why not, and how far an application is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.figures import format_date, format_number
from estates.domain.vacancy import Offer
from estates.models import EntitlementState, VacancyEntitlement

REFUSALS: Mapping[str, Promise] = {
    "nothing_agreed": gettext_lazy(
        "The full fee is due, empty or not: neither the contract nor a local rule grants less (%(articles)s)."
    ),
    "share_missing": gettext_lazy(
        "A local rule asks for less (%(articles)s), but the share still due is not in the settings of the community."
    ),
    "kind": gettext_lazy("The contract grants nothing for this kind of unit (%(articles)s)."),
}


def tell_refusal(offer: Offer) -> str:
    """Say why nothing is taken off; empty when something is."""
    if not offer.refusal:
        return ""
    return str(REFUSALS[offer.refusal]) % {"articles": join_articles(offer)}


def tell_offer(offer: Offer) -> str:
    """Say what an application comes to, or why it comes to nothing."""
    if offer.refusal:
        return tell_refusal(offer)
    words = {
        "share": format_number(offer.share * 100),
        "day": format_date(offer.start),
        "articles": join_articles(offer),
    }
    return _("%(share)s%% of the fee from %(day)s on, until the unit is used (%(articles)s).") % words


def tell_stand(vacancy: VacancyEntitlement, today: date) -> str:
    """Say to whoever applied how far it is and what comes next."""
    share = format_number(vacancy.share * 100)
    if vacancy.state == EntitlementState.APPLIED:
        return _("We come and look at the unit, and read its meters. You need not be there the whole time.")
    if vacancy.state == EntitlementState.INSPECTED:
        return _("We have looked at the unit; now a second person decides.")
    if vacancy.state == EntitlementState.REFUSED:
        return _("It could not be granted: %(reason)s") % {"reason": vacancy.decision}
    if vacancy.end and vacancy.end <= today:
        text = _("%(share)s%% of the fee from %(day)s on; the full fee again from %(end)s on. %(because)s")
        days = {"day": format_date(vacancy.start), "end": format_date(vacancy.end)}
        return text % {"share": share, "because": vacancy.ended_because, **days}
    text = _("%(share)s%% of the fee from %(day)s on. It ends by itself when the unit is used.")
    return text % {"share": share, "day": format_date(vacancy.start)}


def join_articles(offer: Offer) -> str:
    """Return the texts an offer rests on, in one line."""
    return " · ".join(offer.articles)
