"""Opens lines that no formula made: people decided on them, or they were brought in from another system."""

from __future__ import annotations

from fractions import Fraction

from billing.domain.steps import Background, Inputs, Step, Sum
from billing.domain.working import exact_text


def explain_correction(inputs: Inputs, background: Background) -> Sum:
    """Open a line that people decided on: their reason, and what the line it corrects was and should be."""
    work = Sum([Step("reason", Fraction(0), "none", figures={"reason": inputs["reason"]})], Fraction(0), "")
    work.exact = Fraction(inputs["amount"])
    if corrects := inputs.get("corrects"):
        was, now = Fraction(corrects["was"]), Fraction(corrects["now"])
        work.steps += [
            Step("was", was, "money", figures={"bill": corrects["bill"]}),
            Step("now", now, "money"),
        ]
        work.formula = f"{exact_text(now, 2)} − {exact_text(was, 2)} = {exact_text(work.exact, 2)}"
        if now - was != work.exact:
            work.contradictions.append("amount")
    return work


def explain_opening(inputs: Inputs, background: Background) -> Sum:
    """Open a line that was brought in: the place in the file, what was charged there and what had been received."""
    due, received = Fraction(inputs["due"]), Fraction(inputs["received"])
    place = {name: inputs[name] for name in ("file", "sheet", "row")}
    work = Sum([Step("brought_in", due, "money", figures=place)], due - received, "")
    if received:
        work.steps.append(Step("received_before", received, "money"))
        work.formula = f"{exact_text(due, 2)} − {exact_text(received, 2)} = {exact_text(work.exact, 2)}"
    return work
