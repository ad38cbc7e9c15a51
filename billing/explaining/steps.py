"""Puts explanations into words: the steps of ``billing.domain.explain`` in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.domain.explain import Explanation
from billing.domain.steps import Step
from billing.domain.working import exact_text, plain_text
from billing.explaining.pools import POOL_SENTENCES
from billing.explaining.values import VALUES, money_text, to_decimal, use_text
from core.figures import format_area, format_date, format_number, format_span

USES: Mapping[str, Promise] = {
    "water": gettext_lazy("Water used"),
    "electricity": gettext_lazy("Electricity used"),
    "gas": gettext_lazy("Gas used"),
    "heat": gettext_lazy("Heat used"),
}
ENDS: Mapping[str, Promise] = {
    "swap": gettext_lazy("then the meter was changed"),
    "turn": gettext_lazy("then the dial began again at zero"),
}
ESTIMATED: Mapping[str, Promise] = {
    "opening": gettext_lazy("the first value was estimated"),
    "closing": gettext_lazy("the last value is an estimate; the next reading evens it out"),
}
FORMULA_NAMES: Mapping[str, Promise] = {
    "area": gettext_lazy("Building area"),
    "inner_area": gettext_lazy("Inner area"),
    "floor": gettext_lazy("Floor"),
    "households": gettext_lazy("Households"),
    "coefficient": gettext_lazy("Coefficient"),
}
COINS: Mapping[str, Promise] = {
    "fen": gettext_lazy("rounded half-up to the fen"),
    "jiao": gettext_lazy("rounded half-up to the jiao"),
    "yuan": gettext_lazy("rounded half-up to the yuan"),
}


@dataclass(frozen=True)
class StepText:
    """A step in words: label, what comes out, and the line below."""

    label: str
    value: str
    note: str = ""
    is_result: bool = False


def tell_steps(explanation: Explanation, *, name: str) -> list[StepText]:
    """Return the steps of an explanation in the language in use; ``name`` is the fee item's."""
    return [_tell(step, name) for step in explanation.steps]


def tell_steps_on_paper(explanation: Explanation, *, name: str) -> list[StepText]:
    """Return the steps of an explanation as a page has room for them.

    Who carries an odd fen is told where a line opens on a screen. Here a share that carries one has the fen alone, and
    a share that carries none has no step for it and nothing to add up.
    """
    odd = next((step for step in explanation.steps if step.key == "extra"), None)
    steps = [step for step in explanation.steps if step is not odd or step.value]
    return [_shorten(step, _tell(step, name), odd) for step in steps]


def _shorten(step: Step, text: StepText, odd: Step | None) -> StepText:
    if step is odd:
        return replace(text, note="")
    if odd and not odd.value and text.is_result:
        return replace(text, label=text.value)
    return text


def tell_summary(explanation: Explanation) -> str:
    """Return the sum in one short form: ``89.56㎡ × 2.35``, the use of a meter, the share of a pool."""
    steps = {step.key: step for step in reversed(explanation.steps)}
    if "share" in steps and "pool_amount" in steps:
        whole, share = steps.get("key_part") or steps["pool_amount"], steps["share"]
        return f"{money_text(whole.value, whole.figures)} × {VALUES['share'](share.value, share.figures)}"
    if "share" in steps:
        return steps["share"].formula
    if "slab" in steps and "reading" in steps:
        return use_text(steps["reading"].value, steps["reading"].figures)
    formula = explanation.steps[-1].formula.partition(" = ")[0]
    if not formula and "reason" in steps:
        return str(steps["reason"].figures["reason"])
    if not formula and "price" in steps:
        return VALUES[steps["price"].kind](steps["price"].value, steps["price"].figures)
    if "area" in steps:
        area = to_decimal(steps["area"].value, 4)
        return formula.replace(plain_text(area, 2), format_area(area), 1)
    return formula


def _tell(step: Step, name: str) -> StepText:
    label, note = SENTENCES[step.key]
    figures = step.figures
    return StepText(
        label=label(step, name),
        value=VALUES[step.kind](step.value, figures),
        note=note(step),
        is_result=step.key == "result",
    )


Label = Callable[[Step, str], str]
Note = Callable[[Step], str]


def _fixed(text: Promise) -> Label:
    return lambda step, name: str(text)


def _no_note(step: Step) -> str:
    return ""


def _price_note(step: Step) -> str:
    since = step.figures.get("since")
    return _("in force since %(since)s") % {"since": format_date(since)} if since else ""


def _span_of(figures: Mapping[str, Any]) -> str:
    return format_span(figures["first"], figures["last"])


def _reading_note(step: Step) -> str:
    figures = step.figures
    words = {
        "meter": figures["meter"],
        "opening": format_number(figures["opening"]),
        "closing": format_number(figures["closing"]),
        "span": _span_of(figures),
        "multiplier": format_number(figures["multiplier"]),
    }
    if figures.get("is_sum"):
        note = _("Meter %(meter)s: the parts above, together") % words
    elif figures["multiplier"] == 1:
        note = _("Meter %(meter)s: %(opening)s → %(closing)s, %(span)s") % words
    else:
        note = _("Meter %(meter)s: %(opening)s → %(closing)s, times %(multiplier)s, %(span)s") % words
    return _("; ").join([note, *(str(ESTIMATED[which]) for which in figures.get("estimated", ()))])


def _stretch_note(step: Step) -> str:
    ends = ENDS.get(step.figures["ends"])
    return _("; ").join(filter(None, (_reading_note(step), str(ends) if ends else "")))


def _ahead_note(step: Step) -> str:
    words = {name: use_text(step.figures[name], step.figures) for name in ("before", "after")}
    if step.value < 0:
        text = _(
            "An earlier estimate had counted %(before)s too much; %(after)s of it are still to come off."
        )
    else:
        text = _("An estimate has counted %(after)s beyond the dial; they come off later readings.")
    return text % words


def _slab_label(step: Step, name: str) -> str:
    return _("Slab %(number)s: %(formula)s") % {"number": step.figures["number"], "formula": step.formula}


def _slab_note(step: Step) -> str:
    low, high = step.figures["low"], step.figures["high"]
    words = {"low": exact_text(low), "high": "" if high is None else exact_text(high)}
    if high is None:
        return _("above %(low)s") % words if low else ""
    return _("from %(low)s to %(high)s") % words if low else _("up to %(high)s") % words


def _late_note(step: Step) -> str:
    """Where the rate stands, and when it began."""
    figures = step.figures
    words = {"day": format_date(figures["late_from"]), "grace": figures["grace"], "clause": figures["clause"]}
    told = _("due %(day)s, %(grace)s days of grace") if figures["grace"] else _("due %(day)s")
    return (_("%(clause)s; ") % words if figures["clause"] else "") + told % words


def _stretch_of_late_note(step: Step) -> str:
    cap = step.figures["cap"]
    if cap is None:
        return step.formula
    return _("%(formula)s, but the late fee is never more than %(cap)s yuan") % {
        "formula": step.formula,
        "cap": exact_text(cap, 2),
    }


def _formula_note(step: Step) -> str:
    return f"{step.figures['formula']} = {step.figures['put_in']}"


def _result_note(step: Step) -> str:
    coin = step.figures.get("rounding")
    return str(COINS[coin]) if coin else ""


def _months_note(step: Step) -> str:
    whole = step.figures["whole"]
    if whole is None:
        return _span_of(step.figures)
    words = {"span": _span_of(step.figures), "days": whole.days}
    return _("%(span)s, by days of the whole period of %(days)s") % words


def _split_note(step: Step) -> str:
    payers, pieces = step.figures["payers"], step.figures["pieces"]
    words = {"whole": exact_text(step.figures["whole"], 2), "payers": payers, "pieces": pieces}
    if payers == pieces:
        return _("The unit's %(whole)s yuan are shared by days between %(payers)s payers.") % words
    if payers == 1:
        return (
            _(
                "The period's %(whole)s yuan are rounded once; area or vacancy changed, so it has %(pieces)s parts."
            )
            % words
        )
    return (
        _("The unit's %(whole)s yuan are shared by days between %(payers)s payers, in %(pieces)s parts.")
        % words
    )


def _result_label(step: Step, name: str) -> str:
    return step.formula or name


SENTENCES: Mapping[str, tuple[Label, Note]] = {
    "area": (_fixed(gettext_lazy("Building area")), lambda step: _("as the register has it")),
    "price": (_fixed(gettext_lazy("Price")), _price_note),
    "vacancy": (
        _fixed(gettext_lazy("Still due")),
        lambda step: _("while the unit stands empty, as approved"),
    ),
    "months": (_fixed(gettext_lazy("Months")), _months_note),
    "part": (lambda step, name: _span_of(step.figures), lambda step: step.formula),
    "value": (lambda step, name: str(FORMULA_NAMES[step.figures["name"]]), _no_note),
    "formula": (_fixed(gettext_lazy("By the formula")), _formula_note),
    "reading": (
        lambda step, name: str(USES.get(step.figures["meter_kind"], _("Used"))),
        _reading_note,
    ),
    "stretch": (_fixed(gettext_lazy("Counted on one dial")), _stretch_note),
    "ahead": (_fixed(gettext_lazy("Estimate evened out")), _ahead_note),
    "slab": (_slab_label, _slab_note),
    **POOL_SENTENCES,
    "split": (_fixed(gettext_lazy("Your days")), _split_note),
    "brought_in": (
        _fixed(gettext_lazy("Brought in")),
        lambda step: _("from the file %(file)s, sheet %(sheet)s, row %(row)s") % step.figures,
    ),
    "received_before": (_fixed(gettext_lazy("Received before")), _no_note),
    "reason": (_fixed(gettext_lazy("Why")), lambda step: step.figures["reason"]),
    "was": (
        _fixed(gettext_lazy("Asked for so far")),
        lambda step: _("on bill %(number)s") % {"number": step.figures["bill"]},
    ),
    "now": (_fixed(gettext_lazy("Should be")), _no_note),
    "late_rate": (_fixed(gettext_lazy("Rate")), _late_note),
    "late_stretch": (lambda step, name: _span_of(step.figures), _stretch_of_late_note),
    "late_charged": (_fixed(gettext_lazy("Charged before")), _no_note),
    "result": (_result_label, _result_note),
}
