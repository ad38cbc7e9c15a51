"""A share of a pool opened: what was used or billed, what of it is shared by this key, and this unit's part.

The run shares a pool among thousands at once. Here the pool is worked out again from its meters, split again between
its keys, and this unit's coins are found by counting who comes before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor
from typing import Any

from billing.domain.steps import COIN, Background, FrozenPool, Inputs, Step, Sum
from billing.domain.working import exact_text


def explain_pool(inputs: Inputs, background: Background) -> Sum:
    """Return the steps from the pool to this unit's floor and odd coin."""
    work = Sum([], Fraction(0), "")
    amount, weight, total = Fraction(inputs["amount"]), inputs["weight"], inputs["total"]
    if background.pool:
        work.steps += _pool_steps(work, inputs, background, background.pool)
    if "whole" in inputs:
        work.steps.append(_key_step(work, inputs))
    coin, exact = COIN[inputs["rounding"]], amount * weight / total
    down = floor(exact / coin) * coin
    extra = _extra_coin(work, inputs, background.pool)
    if down != Fraction(inputs["floor"]):
        work.contradictions.append("floor")
    work.exact = down + extra
    figures = _share_figures(work, inputs, background)
    scale = inputs.get("scale") or (10**4 if inputs["key"] == "area" else 1)
    fraction = f"{exact_text(Fraction(weight, scale), 2)} ÷ {exact_text(Fraction(total, scale), 2)}"
    work.steps += [
        Step("share", Fraction(weight, total), "share", fraction, figures),
        Step("down", exact, "working", f"{exact_text(amount, 2)} × {fraction}", {"down": down}),
        Step("extra", extra, "change", figures=_extra_figures(inputs, background.pool, exact - down)),
    ]
    work.formula = f"{exact_text(down, 2)} + {exact_text(extra, 2)} = {exact_text(work.exact, 2)}"
    return work


def _share_figures(work: Sum, inputs: Inputs, background: Background) -> dict[str, Any]:
    times, full = inputs.get("times", (1, 1))
    if inputs["weight"] % times or times > full:
        work.contradictions.append("times")
    return {
        "participants": inputs["participants"],
        "key": inputs["key"],
        "weight": inputs["weight"],
        "total": inputs["total"],
        "counts": Fraction(times, full),
        "agreement": inputs.get("agreement", ""),
    }


# What is shared -----------------------------------------------------------------------------------------


def _pool_steps(work: Sum, inputs: Inputs, background: Background, pool: FrozenPool) -> list[Step]:
    whole, coin = Fraction(inputs.get("whole", inputs["amount"])), COIN[inputs["rounding"]]
    if pool.use is None or pool.price is None:
        return [Step("pool_amount", whole, "money", figures=pool.measured)]
    use, price = Fraction(pool.use), Fraction(pool.price)
    if abs(use * price - whole) > coin / 2 + use / (2 * 10**6):  # the price shown has six decimals
        work.contradictions.append("pool_amount")
    figures = {
        "meter": inputs["meter"],
        "opening": pool.opening,
        "closing": pool.closing,
        "meter_kind": background.meter_kind,
    }
    main = Fraction(pool.measured["main"]) if "main" in pool.measured else use
    return [
        Step("pool_use", main, "use", figures=figures),
        *_loss_steps(work, pool, use, figures),
        Step("pool_amount", whole, "money", f"{exact_text(use)} × {exact_text(price, 2)}", figures),
    ]


def _loss_steps(work: Sum, pool: FrozenPool, use: Fraction, figures: dict[str, Any]) -> Iterator[Step]:
    """What sub-meters and excluded meters took from the main one, and the loss that the company bears."""
    if "main" not in pool.measured:
        return
    measured = pool.measured
    taken = {name: sum(_uses(measured.get(name, ())), Fraction(0)) for name in ("less", "without")}
    difference, borne = Fraction(measured["difference"]), Fraction(measured["borne"])
    if Fraction(measured["main"]) - sum(taken.values()) != difference or difference - borne != use:
        work.contradictions.append("loss")
    minus = [exact_text(value) for value in taken.values() if value]
    if minus:
        formula = " − ".join([exact_text(Fraction(measured["main"])), *minus])
        yield Step("pool_less", difference, "use", formula, {**figures, **taken})
    if borne:
        yield Step("pool_loss", use, "use", f"{exact_text(difference)} − {exact_text(borne)}", figures)


def _uses(meters: Any) -> Iterator[Fraction]:
    for meter in meters:
        yield Fraction(meter["use"])


def _key_step(work: Sum, inputs: Inputs) -> Step:
    """The part of the pool this key shares: split again, each part rounded down, the largest remainders first."""
    whole, amount, place = Fraction(inputs["whole"]), Fraction(inputs["amount"]), inputs["place"]
    coin, percents = COIN[inputs["rounding"]], [Fraction(text) for text in inputs["percents"]]
    exact = [whole / coin * percent / 100 for percent in percents]
    left = whole / coin - sum(map(floor, exact))
    ahead = sorted(range(len(exact)), key=lambda i: (floor(exact[i]) - exact[i], i))
    if (floor(exact[place]) + (place in ahead[: int(left)])) * coin != amount or sum(percents) != 100:
        work.contradictions.append("percent")
    formula = f"{exact_text(whole, 2)} × {inputs['percents'][place]}%"
    return Step("key_part", amount, "money", formula, {"key": inputs["key"], "percent": percents[place]})


# The odd coin -------------------------------------------------------------------------------------------


def _extra_coin(work: Sum, inputs: Inputs, pool: FrozenPool | None) -> Fraction:
    """The coin of the largest remainder: found again among all participants when the frozen list is at hand."""
    stored, coin = Fraction(inputs["extra"]), COIN[inputs["rounding"]]
    if pool is None:
        if stored not in (0, coin):
            work.contradictions.append("extra")
        return stored
    if sum(pool.weights) != inputs["total"] or pool.weights[pool.at] != inputs["weight"]:
        work.contradictions.append("weight")
    remainders = _remainders(inputs, pool)
    own = (-remainders[pool.at], pool.at)
    ahead = sum((-other, place) < own for place, other in enumerate(remainders))
    extra = coin if ahead < sum(remainders) // inputs["total"] else Fraction(0)
    if extra != stored:
        work.contradictions.append("extra")
    return extra


def _remainders(inputs: Inputs, pool: FrozenPool) -> list[int]:
    """What each participant's share leaves behind when it is rounded down, in coins ÷ the total weight."""
    coins = int(Fraction(inputs["amount"]) / COIN[inputs["rounding"]])
    return [coins * weight % inputs["total"] for weight in pool.weights]


def _extra_figures(inputs: Inputs, pool: FrozenPool | None, remainder: Fraction) -> dict[str, Any]:
    left = sum(_remainders(inputs, pool)) // inputs["total"] * COIN[inputs["rounding"]] if pool else None
    return {"left": left, "remainder": remainder, "coin": COIN[inputs["rounding"]]}
