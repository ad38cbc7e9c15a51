"""Puts discounts into words: the rule as owners read it, and the steps of one (``billing.domain.explain_discount``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.domain.explain import Explanation
from billing.domain.explain_discount import explain_discount
from billing.domain.steps import Step
from billing.domain.working import exact_text
from billing.explaining.steps import StepText
from billing.models import Discount, DiscountKind, DiscountRule
from billing.selectors.discounts import Offer
from core.figures import format_date, format_money


@dataclass(frozen=True)
class DiscountView:
    """A discount of a bill as people read it: the fee item, the rule's name, yuan, and its steps."""

    waiver_id: int
    bill_id: int
    item: str
    name: str
    amount: Decimal
    explanation: Explanation
    steps: tuple[StepText, ...]


def list_discounts(bill_ids: Collection[int], as_of: date | None = None) -> tuple[DiscountView, ...]:
    """The discounts of bills that stand, now or at the end of a day, opened, in the order they were given."""
    live = Discount.objects.filter(waiver__line__bill__in=bill_ids, waiver__reversal=None)
    if as_of:
        taken_back = Q(waiver__reversal__value_day__lte=as_of)
        given = Discount.objects.filter(waiver__line__bill__in=bill_ids, waiver__value_day__lte=as_of)
        live = given.exclude(taken_back)
    rows = live.select_related("rule", "waiver__line__fee_item").order_by("pk")
    return tuple(_view(row) for row in rows)


def tell_rule(rule: DiscountRule) -> str:
    """Say what a rule gives for what, in one sentence without its name."""
    if rule.kind == DiscountKind.ON_TIME:
        return _tell_on_time(rule)
    words = {
        "item": rule.fee_item.name if rule.fee_item else "",
        "months": rule.months,
        "gift": rule.gift_months,
        "percent": _percent(rule.percent),
    }
    if rule.kind == DiscountKind.PERCENT:
        return _("%(item)s: pay %(months)s months ahead, %(percent)s%% off") % words
    return _("%(item)s: pay %(months)s months ahead, get %(gift)s free") % words


def tell_offer(offer: Offer) -> str:
    """Say what a rule gives, and from which sum on."""
    words = {"told": tell_rule(offer.rule), "needed": format_money(offer.needed)}
    return _("%(told)s (from %(needed)s on)") % words


def _tell_on_time(rule: DiscountRule) -> str:
    if rule.amount is not None:
        words = {"amount": format_money(rule.amount)}
        text = _("Pay the whole bill by its due day: %(amount)s off")
    else:
        words = {"percent": _percent(rule.percent)}
        text = _("Pay the whole bill by its due day: %(percent)s%% off")
    told = text % words
    return _("%(item)s: %(told)s") % {"item": rule.fee_item.name, "told": told} if rule.fee_item else told


def _percent(percent: Decimal | None) -> str:
    return exact_text(Fraction(percent or 0))


def _view(row: Discount) -> DiscountView:
    opened = explain_discount(row.inputs, row.waiver.amount)
    steps = tuple(_tell(step, row) for step in opened.steps)
    line = row.waiver.line
    return DiscountView(
        row.pk, line.bill_id, line.fee_item.name, row.rule.name, row.waiver.amount, opened, steps
    )


def _tell(step: Step, row: Discount) -> StepText:
    value = format_money(Decimal(step.value.numerator) / Decimal(step.value.denominator))
    if step.key == "result":
        return StepText(row.rule.name, value, is_result=True)
    return StepText(str(LABELS[step.key]), value, NOTES[step.key](step))


LABELS: Mapping[str, Promise] = {
    "paid_ahead": gettext_lazy("Paid ahead"),
    "gift": gettext_lazy("Given for it"),
    "gift_share": gettext_lazy("Its share so far"),
    "gift_gone": gettext_lazy("On earlier bills"),
    "on_time_base": gettext_lazy("Counts for the discount"),
    "on_time_whole": gettext_lazy("For paying on time"),
    "on_time_share": gettext_lazy("This item's part"),
    "given": gettext_lazy("Given at first"),
    "left": gettext_lazy("Stays, now that the item costs less"),
}


def _paid_note(step: Step) -> str:
    words = {
        "months": step.figures["months"],
        "monthly": exact_text(Fraction(str(step.figures["monthly"])), 2),
    }
    return _("at least %(months)s months of %(monthly)s yuan") % words


def _gift_note(step: Step) -> str:
    if not step.formula:
        return _("what was left of it when the unit changed hands")
    return _("%(formula)s; it comes bill by bill, as the payment is used") % {"formula": step.formula}


def _due_note(step: Step) -> str:
    day = date.fromisoformat(str(step.figures["due_on"]))
    return _("the whole bill was paid by %(day)s") % {"day": format_date(day)}


def _part_note(step: Step) -> str:
    words = {"weight": exact_text(step.figures["weight"], 2), "all": exact_text(step.figures["all"], 2)}
    return _("by what was to pay: %(weight)s of %(all)s yuan") % words


def _given_note(step: Step) -> str:
    return _("on %(amount)s yuan") % {"amount": exact_text(step.figures["on"], 2)}


NOTES: Mapping[str, Callable[[Step], str]] = {
    "paid_ahead": _paid_note,
    "gift": _gift_note,
    "gift_share": lambda step: step.formula,
    "gift_gone": lambda step: "",
    "on_time_base": _due_note,
    "on_time_whole": lambda step: step.formula,
    "on_time_share": _part_note,
    "given": _given_note,
    "left": lambda step: step.formula,
}
