"""Why a fee costs more or less than last time, in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.domain.comparison import Cause, Change
from billing.domain.working import exact_text
from billing.explaining.values import months_text, use_text


def tell_change(change: Change) -> str:
    """Return why a fee item costs more or less than last time, in one line."""
    return _("; ").join(_tell_cause(cause) for cause in change.causes)


def _tell_cause(cause: Cause) -> str:
    return CAUSES[cause.key](cause.figures)


def _from_to(text: Promise) -> Callable[[Mapping[str, Any]], str]:
    return lambda figures: (
        str(text)
        % {
            "before": exact_text(figures["before"], 2),
            "now": exact_text(figures["now"], 2),
        }
    )


def _difference(more: Promise, less: Promise) -> Callable[[Mapping[str, Any]], str]:
    def tell(figures: Mapping[str, Any]) -> str:
        difference = figures["now"] - figures["before"]
        return str(more if difference > 0 else less) % {"use": use_text(abs(difference), figures)}

    return tell


def _plain(text: Promise) -> Callable[[Mapping[str, Any]], str]:
    return lambda figures: str(text)


def _vacancy_cause(figures: Mapping[str, Any]) -> str:
    if figures["now"] < figures["before"]:
        return _("it stood empty, and less is due for it")
    return _("the vacancy has ended, wholly or for some days")


CAUSES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "vacancy": _vacancy_cause,
    "area": _from_to(gettext_lazy("the area went from %(before)s to %(now)s ㎡")),
    "price": _from_to(gettext_lazy("the price went from %(before)s to %(now)s yuan")),
    "months": lambda figures: (
        _("%(now)s this time, %(before)s last time")
        % {"now": months_text(figures["now"]), "before": months_text(figures["before"])}
    ),
    "use": _difference(gettext_lazy("%(use)s more used"), gettext_lazy("%(use)s less used")),
    "pool_use": _difference(
        gettext_lazy("all together used %(use)s more"), gettext_lazy("all together used %(use)s less")
    ),
    "pool_bill": _from_to(gettext_lazy("the supplier's bill went from %(before)s to %(now)s yuan")),
    "slabs": _plain(gettext_lazy("the slabs have new prices")),
    "formula": _plain(gettext_lazy("the formula is a new one")),
    "values": _plain(gettext_lazy("figures in the formula have changed")),
    "share": _plain(gettext_lazy("the share changed with those who take part")),
    "method": _plain(gettext_lazy("it is worked out in another way now")),
    "rounding": _plain(gettext_lazy("only the odd fen differ")),
    "same": _plain(gettext_lazy("nothing has changed")),
    "new": _plain(gettext_lazy("not on the last bill")),
    "gone": _plain(gettext_lazy("was on the last bill, not on this one")),
}


def main_cause(changes: Sequence[tuple[str, Change]]) -> str:
    """Return the name of the fee item that moved the total most in its own direction; empty when none did."""
    total = sum(change.amount for _name, change in changes)
    moving = [(name, change.amount) for name, change in changes if change.amount * total > 0]
    return max(moving, key=lambda pair: abs(pair[1]), default=("", Decimal(0)))[0]
