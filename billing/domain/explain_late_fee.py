"""Opens a late fee: as stretches of (open amount, rate, days), never as a row a day (B8)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from billing.domain.steps import Background, Inputs, Step, Sum
from billing.domain.working import exact_text


def explain_late_fee(inputs: Inputs, background: Background) -> Sum:
    """Open a late fee into its rate, its stretches and what was charged before; every stretch is worked out again."""
    rate = Step("late_rate", Fraction(inputs["rate"]), "late_rate", figures=_about(inputs))
    work = Sum([rate], Fraction(0), "")
    cap = Fraction(inputs["cap"])
    for one in inputs["stretches"]:
        before, days = work.exact, _days(one)
        grown = Fraction(one["principal"]) * Fraction(inputs["rate"]) * days
        work.exact = min(before + grown, cap)
        if work.exact - before != Fraction(one["amount"]):
            work.contradictions.append("stretch")
        work.steps.append(_step(one, inputs, days, is_cut=work.exact - before != grown))
    if charged := Fraction(inputs["charged"]):
        work.steps.append(Step("late_charged", -charged, "money"))
        work.exact -= charged
    work.formula = _close(inputs, charged, work.exact)
    return work


def _close(inputs: Inputs, charged: Fraction, exact: Fraction) -> str:
    """`10.00 + 4.50 − 10.00 = 4.50`; a single stretch closes with its own factors."""
    stretches = inputs["stretches"]
    terms = [exact_text(Fraction(one["amount"]), 2) for one in stretches]
    if len(stretches) == 1 and not charged:
        terms = [_formula(stretches[0], inputs)]
    less = f" − {exact_text(charged, 2)}" if charged else ""
    return f"{' + '.join(terms)}{less} = {exact_text(exact, 2)}"


def _about(inputs: Inputs) -> dict[str, object]:
    return {
        "late_from": date.fromisoformat(inputs["late_from"]),
        "clause": inputs["clause"],
        "grace": inputs["grace"],
        "once": inputs["once"],
    }


def _days(stretch: Inputs) -> int:
    return (date.fromisoformat(stretch["to"]) - date.fromisoformat(stretch["from"])).days + 1


def _step(stretch: Inputs, inputs: Inputs, days: int, *, is_cut: bool) -> Step:
    span = {"first": date.fromisoformat(stretch["from"]), "last": date.fromisoformat(stretch["to"])}
    figures = {**span, "days": days, "cap": Fraction(inputs["cap"]) if is_cut else None}
    return Step("late_stretch", Fraction(stretch["amount"]), "working", _formula(stretch, inputs), figures)


def _formula(stretch: Inputs, inputs: Inputs) -> str:
    """`1,000.00 × 0.05% × 10`; a one-time fee has no days."""
    rate = f"{exact_text(Fraction(inputs['rate']) * 100)}%"
    factors = [exact_text(Fraction(stretch["principal"]), 2), rate]
    return " × ".join(factors if inputs["once"] else [*factors, str(_days(stretch))])
