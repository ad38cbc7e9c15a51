"""Opens a discount: which rule, from which figures, and computed again from them by itself (B5, B7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import floor

from billing.domain.explain import Explanation
from billing.domain.steps import Inputs, Step
from billing.domain.working import exact_text

FEN, HALF = Fraction(1, 100), Fraction(1, 2)

LEFT = "left"
"""The kind of a discount that went down with its line."""


def explain_discount(inputs: Inputs, amount: Decimal) -> Explanation:
    """Return a discount opened into steps and computed again, in yuan and with fractions.

    ``contradictions`` says when the gift is not what the rule gives for what was paid; of a payment that was passed on
    with the unit only the rest is known, which the rule does not say.
    """
    computed, steps, contradictions = OPENERS[inputs["kind"]](inputs)
    steps.append(Step("result", computed, "money"))
    yuan = Decimal(computed.numerator) / Decimal(computed.denominator)
    return Explanation(amount, yuan.quantize(Decimal("0.01")), tuple(steps), tuple(contradictions))


def _round(exact: Fraction) -> Fraction:
    return floor(exact / FEN + HALF) * FEN


Opened = tuple[Fraction, list[Step], list[str]]


def _open_ahead(inputs: Inputs) -> Opened:
    """The share of the gift in what a payment ahead covers of a line, from the beginning of the payment."""
    paid, gift, covered = (Fraction(inputs[name]) for name in ("paid", "gift", "covered"))
    gift_gone = Fraction(inputs["gift_gone"])
    gone = Fraction(inputs["money_gone"]) + gift_gone
    upto = _round((gone + covered) * gift / (paid + gift))
    steps = [
        Step("paid_ahead", paid, "money", figures=_rule_figures(inputs)),
        Step("gift", gift, "money", "" if inputs.get("passed_on") else _gift_formula(inputs)),
        Step(
            "gift_share",
            upto,
            "money",
            f"{exact_text(gift, 2)} × {exact_text(gone + covered, 2)} ÷ {exact_text(paid + gift, 2)}",
            {"covered": gone + covered},
        ),
    ]
    if gift_gone:
        steps.append(Step("gift_gone", -gift_gone, "money"))
    wrong = [] if inputs.get("passed_on") or _promised(inputs) == gift else ["gift"]
    return upto - gift_gone, steps, wrong


def _promised(inputs: Inputs) -> Fraction:
    paid, monthly, months = Fraction(inputs["paid"]), Fraction(inputs["monthly"]), inputs["months"]
    if inputs["kind"] == "months":
        times = paid // _round(monthly * months)
        return _round(monthly * inputs["gift_months"] * times)
    percent = Fraction(inputs["percent"]) / 100
    return _round(paid * percent / (1 - percent))


def _gift_formula(inputs: Inputs) -> str:
    paid, monthly = Fraction(inputs["paid"]), Fraction(inputs["monthly"])
    if inputs["kind"] == "months":
        count = paid // _round(monthly * inputs["months"]) * inputs["gift_months"]
        return f"{exact_text(monthly, 2)} × {count}"
    percent = Fraction(inputs["percent"])
    return f"{exact_text(paid, 2)} × {exact_text(percent)} ÷ {exact_text(100 - percent)}"


def _rule_figures(inputs: Inputs) -> dict[str, object]:
    return {name: inputs.get(name) for name in ("kind", "months", "gift_months", "percent", "monthly")}


def _open_on_time(inputs: Inputs) -> Opened:
    """The discount of the whole bill, and this line's share of it by what was to pay on each."""
    base, weights, at = Fraction(inputs["base"]), [Fraction(w) for w in inputs["weights"]], inputs["at"]
    whole, formula = _whole(inputs, base)
    steps = [
        Step("on_time_base", base, "money", figures={"due_on": inputs["due_on"]}),
        Step("on_time_whole", whole, "money", formula),
    ]
    share = _share(whole, weights, at)
    if len(weights) > 1:
        steps.append(
            Step("on_time_share", share, "money", figures={"weight": weights[at], "all": sum(weights)})
        )
    return share, steps, []


def _whole(inputs: Inputs, base: Fraction) -> tuple[Fraction, str]:
    if "amount" in inputs:
        return min(Fraction(inputs["amount"]), base), ""
    percent = Fraction(inputs["percent"])
    return _round(base * percent / 100), f"{exact_text(base, 2)} × {exact_text(percent)}%"


def _share(whole: Fraction, weights: list[Fraction], at: int) -> Fraction:
    """Every share rounded down, the fen left over to the largest remainders, the earlier line first."""
    exact = [whole * weight / sum(weights) for weight in weights]
    floors = [floor(share / FEN) * FEN for share in exact]
    left = int((whole - sum(floors)) / FEN)
    order = sorted(range(len(weights)), key=lambda place: (floors[place] - exact[place], place))
    return floors[at] + (FEN if at in order[:left] else 0)


def _open_left(inputs: Inputs) -> Opened:
    """What stays of a discount whose line turned out to cost less, in the same proportion."""
    given, on, left = (Fraction(inputs[name]) for name in ("given", "on", "left"))
    stays = _round(given * left / on)
    steps = [
        Step("given", given, "money", figures={"on": on}),
        Step("left", stays, "money", f"{exact_text(given, 2)} × {exact_text(left, 2)} ÷ {exact_text(on, 2)}"),
    ]
    return stays, steps, []


OPENERS: Mapping[str, Callable[[Inputs], Opened]] = {
    "months": _open_ahead,
    "percent": _open_ahead,
    "on_time": _open_on_time,
    LEFT: _open_left,
}
