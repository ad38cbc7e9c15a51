"""Opens a charge line: the sum step by step, computed again from what the line remembers (B7).

The run computes thousands of lines at once on scaled integers. Here one line is computed alone, with fractions
read from its stored inputs (``billing.domain.inputs``), so that the two check each other. Steps are values: a
key that names the sentence, a formula in figures, and what comes out; ``billing.explaining.steps`` puts them into
words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from billing.domain.explain_decided import explain_correction, explain_opening
from billing.domain.explain_late_fee import explain_late_fee
from billing.domain.explain_pool import explain_pool
from billing.domain.schedule import count_months
from billing.domain.second_reading import compute_again, put_in
from billing.domain.steps import COIN, Background, Inputs, Step, Sum
from billing.domain.working import exact_text, plain_text
from core.periods import Period

HALF = Fraction(1, 2)
USE_STEP = Fraction(1, 10_000)


@dataclass(frozen=True)
class Explanation:
    """A line opened. ``computed`` is the sum done again, None when the line remembers nothing to compute from.

    ``contradictions`` name inputs that do not fit together, such as a use that is not the difference of the
    readings. ``agrees`` is False when anything is not as billed.
    """

    amount: Decimal
    computed: Decimal | None
    steps: tuple[Step, ...]
    contradictions: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the sum comes to the billed amount and its inputs fit together."""
        return self.computed == self.amount and not self.contradictions


def explain(
    *, method: str, inputs: Inputs, amount: Decimal, background: Background | None = None
) -> Explanation:
    """Return the line opened into steps and computed again.

    A line that remembers nothing (brought in from elsewhere) has one step, its amount, and computes to None.
    """
    if not inputs:
        return Explanation(amount, None, (Step("result", Fraction(amount), "money"),))
    work = METHODS[method](inputs, background or Background())
    computed = _split(work, inputs) if "split" in inputs else _round(work.exact, COIN[inputs["rounding"]])
    work.steps.append(_result(work, inputs, computed))
    yuan = Decimal(computed.numerator) / Decimal(computed.denominator)
    return Explanation(amount, yuan.quantize(Decimal("0.01")), tuple(work.steps), tuple(work.contradictions))


def _round(exact: Fraction, coin: Fraction) -> Fraction:
    return floor(exact / coin + HALF) * coin


def _result(work: Sum, inputs: Inputs, computed: Fraction) -> Step:
    rounded = "" if "split" in inputs or computed == work.exact else inputs["rounding"]
    return Step("result", computed, "money", work.formula, {"rounding": rounded})


# By the month: area and fixed ---------------------------------------------------------------------------


def _explain_area(inputs: Inputs, background: Background) -> Sum:
    area = Decimal(inputs["area"])
    steps = [Step("area", Fraction(area), "area")]
    return _by_months(inputs, background, steps, Fraction(area), f"{plain_text(area, 2)} × ", "price_area")


def _explain_fixed(inputs: Inputs, background: Background) -> Sum:
    return _by_months(inputs, background, [], Fraction(1), "", "price_month")


def _by_months(
    inputs: Inputs, background: Background, steps: list[Step], base: Fraction, lead: str, kind: str
) -> Sum:
    parts, share = inputs["parts"], Fraction(inputs.get("share", 1))
    work = Sum([*steps, *_vacancy_steps(share)], Fraction(0), "")
    terms = []
    for part in parts:
        price, months = Fraction(part["price"]), Fraction(part["months"])
        yuan = base * price * months * share
        work.exact += yuan
        terms.append(yuan)
        _check_months(work, part, inputs)
        factor = _factor(months) + _factor(share)
        formula = f"{lead}{plain_text(Decimal(part['price']), 2)}{factor}"
        work.steps.append(Step("price", price, kind, figures=_price_figures(part, background)))
        if len(parts) > 1:
            work.steps.append(Step("part", yuan, "yuan", formula, _span(part)))
        elif months != 1:
            figures = {**_span(part), "whole": _whole(inputs)}
            work.steps.append(Step("months", months, "months", figures=figures))
        work.formula = formula
    work.formula = _sum_formula(terms, work)
    return work


def _factor(value: Fraction) -> str:
    return "" if value == 1 else f" × {exact_text(value)}"


def _vacancy_steps(share: Fraction) -> list[Step]:
    return [] if share == 1 else [Step("vacancy", share, "part_due")]


def _check_months(work: Sum, part: Inputs, inputs: Inputs) -> None:
    """Count the months again: by the days of each month, or by those of the whole period."""
    months = count_months(_period(part), inputs.get("month_day", 1), _whole(inputs))
    if months != Fraction(part["months"]):
        work.contradictions.append("months")


def _sum_formula(terms: Sequence[Fraction], work: Sum) -> str:
    formula = work.formula if len(terms) == 1 else " + ".join(exact_text(term) for term in terms)
    return f"{formula} = {exact_text(work.exact)}" if " " in formula else ""


# By a formula -------------------------------------------------------------------------------------------


def _explain_expression(inputs: Inputs, background: Background) -> Sum:
    work, use = _read_meters(inputs, background) if "use" in inputs else (Sum([], Fraction(0), ""), None)
    due = Fraction(inputs.get("share", 1))
    values = {name: Fraction(text) for name, text in inputs["values"].items()}
    work.steps += _vacancy_steps(due)
    work.steps += [Step("value", value, "number", figures={"name": name}) for name, value in values.items()]
    terms = []
    for part in inputs["parts"]:
        known = {**values, "months": Fraction(part["months"])} | ({} if use is None else {"use": use})
        yuan = compute_again(part["formula"], known)
        shown = put_in(part["formula"], {name: exact_text(value) for name, value in known.items()})
        work.steps.append(
            Step("formula", yuan, "yuan", figures={"formula": part["formula"], "put_in": shown})
        )
        share, factor = _formula_share(work, part, inputs)
        terms.append(yuan * share * due)
        work.formula = f"{exact_text(yuan, 2)}{factor}{_factor(due)}"
        if len(inputs["parts"]) > 1:
            work.steps.append(Step("part", terms[-1], "yuan", work.formula, _span(part)))
    work.exact = sum(terms, Fraction(0))
    work.formula = _sum_formula(terms, work)
    return work


def _formula_share(work: Sum, part: Inputs, inputs: Inputs) -> tuple[Fraction, str]:
    """What a formula's value is multiplied by, as a fraction and as it is written: days, or months."""
    if "of" in part:
        share = _day_share(work, part, inputs)
        return share, "" if share == 1 else f" × {part['days']}/{part['of']}"
    _check_months(work, part, inputs)
    months = Fraction(part["months"])
    return months, "" if months == 1 else f" × {exact_text(months)}"


# By what a meter counted --------------------------------------------------------------------------------


def _explain_meter(inputs: Inputs, background: Background) -> Sum:
    work, use = _read_meters(inputs, background)
    terms = []
    for part in inputs["parts"]:
        price, share = Fraction(part["price"]), _day_share(work, part, inputs)
        terms.append(use * price * share)
        factor = "" if share == 1 else f" × {part['days']}/{part['of']}"
        work.formula = f"{exact_text(use)} × {plain_text(Decimal(part['price']), 2)}{factor}"
        work.steps.append(
            Step("price", price, "price_use", figures=_price_figures(part, background, use=True))
        )
        if len(inputs["parts"]) > 1:
            work.steps.append(Step("part", terms[-1], "yuan", work.formula, _span(part)))
    work.exact = sum(terms, Fraction(0))
    work.formula = _sum_formula(terms, work)
    return work


def _explain_tiers(inputs: Inputs, background: Background) -> Sum:
    work, use = _read_meters(inputs, background)
    terms = []
    for part in inputs["parts"]:
        share = _day_share(work, part, inputs)
        for number, (low, high, price) in enumerate(_slabs(part["tiers"]), start=1):
            within = max(Fraction(0), (use if high is None else min(use, high)) - low)
            if not within and number > 1:
                continue
            terms.append(within * price * share)
            factor = "" if share == 1 else f" × {part['days']}/{part['of']}"
            formula = f"{exact_text(within)} × {exact_text(price, 2)}{factor}"
            figures = {"number": number, "low": low, "high": high, "meter_kind": background.meter_kind}
            work.steps.append(Step("slab", terms[-1], "yuan", formula, figures))
            work.formula = formula
    work.exact = sum(terms, Fraction(0))
    work.formula = _sum_formula(terms, work)
    return work


def _slabs(
    tiers: Sequence[tuple[str | None, str]],
) -> list[tuple[Fraction, Fraction | None, Fraction]]:
    """Each slab as (from, up to, price); the last one is open, whatever its limit says.

    >>> _slabs([("10", "2"), (None, "5")])[1]
    (Fraction(10, 1), None, Fraction(5, 1))
    """
    borders = [Fraction(0), *(Fraction(limit) for limit, _price in tiers[:-1] if limit)]
    tops = [*borders[1:], None]
    prices = [Fraction(price) for _limit, price in tiers]
    return list(zip(borders, tops, prices, strict=True))


def _read_meters(inputs: Inputs, background: Background) -> tuple[Sum, Fraction]:
    """Begin with the meters: what each counted, and the use they come to."""
    work = Sum([], Fraction(0), "")
    total = Fraction(0)
    for meter in inputs["meters"]:
        use = _counted(meter)
        total += use
        if use != Fraction(meter["use"]) or not _stretches_join(meter):
            work.contradictions.append("use")
        work.steps += _meter_steps(meter, use, background)
    if total != Fraction(inputs["use"]):
        work.contradictions.append("use")
    return work, total


def _counted(meter: Inputs) -> Fraction:
    """What a meter counted, by its stretches where it has more than one, to four decimals."""
    before, after = (Fraction(ahead) for ahead in meter.get("ahead", ("0", "0")))
    exact = sum(map(_stretch_use, meter.get("stretches", [meter])), after - before)
    return _round(exact, USE_STEP)


def _stretches_join(meter: Inputs) -> bool:
    """Whether the stretches of a meter begin at its opening and end at its closing value."""
    stretches = meter.get("stretches", [meter])
    return bool(stretches[0]["opening"] == meter["opening"] and stretches[-1]["closing"] == meter["closing"])


def _stretch_use(stretch: Inputs) -> Fraction:
    opening, closing = Fraction(stretch["opening"]["value"]), Fraction(stretch["closing"]["value"])
    return (closing - opening) * Fraction(stretch["multiplier"])


def _meter_steps(meter: Inputs, use: Fraction, background: Background) -> list[Step]:
    """One step for a plain meter; for any other one a stretch, and what estimates have to do with it."""
    stretches = meter.get("stretches", [])
    steps = []
    if len(stretches) > 1:
        for stretch in stretches:
            figures = _reading_figures({**stretch, "meter": meter["meter"]}, background)
            steps.append(
                Step("stretch", _stretch_use(stretch), "use", figures={**figures, "ends": stretch["ends"]})
            )
    ahead = tuple(Fraction(text) for text in meter.get("ahead", ()))
    if any(ahead):
        counted = {"before": ahead[0], "after": ahead[1], "meter_kind": background.meter_kind}
        steps.append(Step("ahead", ahead[1] - ahead[0], "use", figures=counted))
    figures = {**_reading_figures(meter, background), "estimated": tuple(meter.get("estimated", ()))}
    return [*steps, Step("reading", use, "use", figures={**figures, "is_sum": bool(steps)})]


def _reading_figures(meter: Inputs, background: Background) -> dict[str, Any]:
    return {
        "meter": meter["meter"],
        "opening": Decimal(meter["opening"]["value"]),
        "closing": Decimal(meter["closing"]["value"]),
        "first": date.fromisoformat(meter["opening"]["on"]),
        "last": date.fromisoformat(meter["closing"]["on"]),
        "multiplier": Decimal(meter["multiplier"]),
        "meter_kind": background.meter_kind,
    }


def _day_share(work: Sum, part: Inputs, inputs: Inputs) -> Fraction:
    if _period(part).days != part["days"] or part["days"] > part["of"]:
        work.contradictions.append("days")
    return Fraction(part["days"], part["of"])


# Between payers and pieces ------------------------------------------------------------------------------


def _split(work: Sum, inputs: Inputs) -> Fraction:
    """Return this line's coins of the unit's amount, shared by the largest remainder, the earlier first."""
    split = inputs["split"]
    coin = COIN[split.get("rounding", inputs["rounding"])]
    exact = [Fraction(text) for text in split["exact"]]
    at = split["at"]
    whole = _round(sum(exact, Fraction(0)), coin)
    downs = [floor(share / coin) for share in exact]
    left = whole / coin - sum(downs)
    own = (downs[at] - exact[at] / coin, at)
    ahead = sum((downs[i] - share / coin, i) < own for i, share in enumerate(exact))
    if whole != Fraction(split["whole"]):
        work.contradictions.append("whole")
    if work.exact != (sum(exact, Fraction(0)) if "pool" in inputs else exact[at]):
        work.contradictions.append("exact")
    figures = {"whole": whole, "pieces": len(exact), "payers": split.get("payers", len(exact))}
    work.steps.append(Step("split", exact[at], "working", figures=figures))
    work.formula = ""
    return (downs[at] + (1 if ahead < left else 0)) * coin


def _period(part: Inputs) -> Period:
    first, last = date.fromisoformat(part["from"]), date.fromisoformat(part["to"])
    return Period(first, date.fromordinal(last.toordinal() + 1))


def _whole(inputs: Inputs) -> Period | None:
    """The period whose days the parts count by, where it is not those of each month."""
    return _period(inputs["whole"]) if "whole" in inputs else None


def _span(part: Inputs) -> dict[str, Any]:
    return {"first": date.fromisoformat(part["from"]), "last": date.fromisoformat(part["to"])}


def _price_figures(part: Inputs, background: Background, *, use: bool = False) -> dict[str, Any]:
    kind = {"meter_kind": background.meter_kind} if use else {}
    return {**_span(part), **kind, "since": background.since.get(part["version"])}


METHODS: Mapping[str, Callable[[Inputs, Background], Sum]] = {
    "area": _explain_area,
    "fixed": _explain_fixed,
    "meter": _explain_meter,
    "tiers": _explain_tiers,
    "pool": explain_pool,
    "correction": explain_correction,
    "opening": explain_opening,
    "expression": _explain_expression,
    "late_fee": explain_late_fee,
}
