"""Mistakes that make an amount wrong."""

from __future__ import annotations

from tests.mutants.mutant import Mutant, in_file

AMOUNTS: tuple[Mutant, ...] = (
    *in_file(
        "billing/domain/rounding.py",
        (
            "19.605 yuan become 19.60: a half goes down",
            "(2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)",
            "(2 * abs(value.numerator) + value.denominator - 1) // (2 * value.denominator)",
        ),
        (
            "a negative amount loses its sign",
            "return whole if value >= 0 else -whole",
            "return whole",
        ),
        (
            "amounts are cut off, not rounded (P-07)",
            "rounded = (quantities.astype(kind) * p * 2 + q) // (q * 2)",
            "rounded = (quantities.astype(kind) * p) // q",
        ),
        (
            "large products run over 64 bits",
            "kind = np.int64 if largest <= INT64_MAX and int(denominators.max()) * 2 <= INT64_MAX else object",
            "kind = np.int64",
        ),
        (
            "the smallest remainder gets the coin left over",
            "key=lambda i: (coins[i] - exact[i], i)",
            "key=lambda i: (exact[i] - coins[i], i)",
        ),
        (
            "among equals the later payer gets the coin",
            "key=lambda i: (coins[i] - exact[i], i)",
            "key=lambda i: (coins[i] - exact[i], -i)",
        ),
        (
            "each payer's part is rounded alone, so a coin is made or lost",
            "left = round_half_up(sum(exact, Fraction(0))) - sum(coins)",
            "left = sum(map(round_half_up, exact)) - sum(coins)",
        ),
        (
            "a tariff in jiao is charged in fen",
            '"jiao": 10',
            '"jiao": 1',
        ),
    ),
    *in_file(
        "billing/domain/rates.py",
        (
            "what a meter counted is charged whole to each payer",
            "return Fraction(stretch.period.days, self.of_days)",
            "return Fraction(stretch.period.days, self.own_days)",
        ),
        (
            "the oldest version stands for the line and sets its rounding",
            "return self.stretches[-1]",
            "return self.stretches[0]",
        ),
        (
            "the line shows one price where there were two",
            "if len(prices) == 1 else UNKNOWN",
            "if prices else UNKNOWN",
        ),
        (
            "the last day of an account is charged twice, to it and to the next",
            "np.maximum(np.clip(accounts.end - origin, 0, period.days), first)",
            "np.maximum(np.clip(accounts.end + 1 - origin, 0, period.days), first)",
        ),
        (
            "the first day of an account is charged to nobody",
            "first = np.clip(accounts.start - origin, 0, period.days)",
            "first = np.clip(accounts.start + 1 - origin, 0, period.days)",
        ),
        (
            "payers of one unit are not seen together",
            "return np.repeat(np.add.reduceat(days, starts), counts)",
            "return days",
        ),
        (
            "an item that changed its method is charged by both for all its days",
            "stretches = tuple(s for s in clip(by_class[which], span) if s.tariff.method == method)",
            "stretches = tuple(s for s in clip(by_class[which], span) if method)",
        ),
        (
            "the line remembers other days than it was charged for",
            '{"days": s.period.days, "of": self.of_days, "price"',
            '{"days": s.period.days, "of": self.own_days, "price"',
        ),
        (
            "the line remembers a whole month for a part of one",
            '{"months": str(self.months_of(s.period)), "price"',
            '{"months": "1", "price"',
        ),
    ),
    *in_file(
        "billing/domain/formulas.py",
        (
            "a unit without an area is billed for the rest as if all were well",
            'base.find("no_area", np.flatnonzero(~known), blocks=True)',
            'base.find("no_area", np.flatnonzero(~known), blocks=False)',
        ),
        (
            "the fixed fee of a quarter shows one month",
            "round_half_up(rate.months * AREA_SCALE)",
            "round_half_up(1 * AREA_SCALE)",
        ),
        (
            "use is charged once a month of the cycle",
            "Terms(r.yuan_by_days * 100 / (AREA_SCALE * r.coin_fen)",
            "Terms(r.yuan_by_months * 100 / (AREA_SCALE * r.coin_fen)",
        ),
        (
            "tiers are charged once a day",
            "Fraction(100, SLAB_SCALE * r.coin_fen * r.of_days)",
            "Fraction(100, SLAB_SCALE * r.coin_fen)",
        ),
        (
            "the first reading of a meter bills from zero",
            "good = np.flatnonzero(known & ~backwards & ~opened)",
            "good = np.flatnonzero(known & ~backwards)",
        ),
        (
            "a meter that ran backwards is a mere remark, and its unit is billed without water",
            'part.find("meter_backwards", np.flatnonzero(backwards), blocks=True)',
            'part.find("meter_backwards", np.flatnonzero(backwards), blocks=False)',
        ),
        (
            "a unit without a meter pays its neighbour's use",
            "np.where(ids[rows] == wanted, rows, UNKNOWN)",
            "np.where(rows >= 0, rows, UNKNOWN)",
        ),
        (
            "after a change of payer both pay the unit's whole share of the pool",
            "Terms(Fraction(*divmod(pair, DAYS_WIDTH))",
            "Terms(Fraction(1)",
        ),
    ),
    *in_file(
        "billing/domain/metered.py",
        (
            "a higher slab charges again what the lower ones did",
            "value += (np.clip(use, low, high) - low) * int(tier.price * PRICE_SCALE)",
            "value += np.clip(use, 0, high) * int(tier.price * PRICE_SCALE)",
        ),
        (
            "who uses little is paid for the slab he does not reach",
            "value += np.maximum(use - low, 0) *",
            "value += (use - low) *",
        ),
        (
            "the last slab has the price of the first",
            "int(tiers[-1].price * PRICE_SCALE)",
            "int(tiers[0].price * PRICE_SCALE)",
        ),
        (
            "slabs do not begin where the one below ended",
            "        low = high\n",
            "        low = 0\n",
        ),
        (
            "slabs that changed inside the period are not weighed by days",
            "values[rows] += value * stretch.period.days",
            "values[rows] += value",
        ),
        (
            "a great use of a long year runs over 64 bits",
            "dtype=np.int64 if largest <= INT64_MAX else object",
            "dtype=np.int64",
        ),
    ),
    *in_file(
        "estates/domain/counting.py",
        (
            "a dial that passed its top begins again from nothing",
            "base = before.base + top * multiplier",
            "base = before.base",
        ),
        (
            "after a swap the old meter's last stretch counts by the new multiplier",
            "base += swap.old_closing * before.multiplier - swap.new_opening * multiplier",
            "base += swap.old_closing * multiplier - swap.new_opening * multiplier",
        ),
        (
            "what was charged by estimate is charged again",
            "return self.counted + self.ahead",
            "return self.counted",
        ),
        (
            "an estimate that was too low is never made up for",
            "ahead = max(NONE, before.level - shown.counted)",
            "ahead = before.level - shown.counted",
        ),
        (
            "a use is cut off after four decimals",
            ".quantize(STEP, ROUND_HALF_UP)",
            '.quantize(STEP, "ROUND_DOWN")',
        ),
    ),
    *in_file(
        "billing/domain/pools.py",
        (
            "what a pool costs is cut off, not rounded",
            "round_half_up(use * self.price(days) * 100 / self.coin_fen)",
            "int(use * self.price(days) * 100 / self.coin_fen)",
        ),
        (
            "a price change inside the period charges both prices",
            "Fraction(s.tariff.price) * s.period.days / days",
            "Fraction(s.tariff.price)",
        ),
        (
            "vacant units drop out, and the others pay their part",
            "np.where((units.days == 0) | (rule.moves == FULL), of, units.days)",
            "np.where(rule.moves == FULL, of, units.days)",
        ),
        (
            "a vacant unit weighs by what it does not owe",
            "* (SHARE_SCALE - share)",
            "* share",
        ),
        (
            "who moved in yesterday bears a whole month",
            "return np.minimum(under, days) * ALL_DAYS",
            "return np.minimum(under, of) * ALL_DAYS",
        ),
        (
            "among equals the coin left over goes to the last unit code",
            "split_fen_array(amount, weights, np.arange(weights.size, dtype=np.int64))",
            "split_fen_array(amount, weights, np.arange(weights.size, dtype=np.int64)[::-1])",
        ),
        (
            "who is under the pool for no day takes part all the same",
            "takes_part = (figures > 0) & (times > 0)",
            "takes_part = figures > 0",
        ),
        (
            "a unit of a building's own pool pays the community's as well",
            "return any(stretch.tariff.id == tariff.id for stretch in self.stretches)",
            "return True",
        ),
        (
            "a unit nobody pays for is given its neighbour's days",
            "np.where(owners[order[at]] == units, sums[order[at]], 0)",
            "np.where(owners[order[at]] >= 0, sums[order[at]], 0)",
        ),
    ),
    *in_file(
        "billing/domain/charges.py",
        (
            "the coin of the old payer's tariff rounds the new payer's bill",
            "unit_coin = int(coin[start + count - 1])",
            "unit_coin = int(coin[start])",
        ),
        (
            "two payers of one unit are rounded apart",
            "zip(starts[counts > 1].tolist(), counts[counts > 1].tolist(), strict=True)",
            "zip(starts[counts > 2].tolist(), counts[counts > 2].tolist(), strict=True)",
        ),
        (
            "two lines of one fee item have the same part, and the second is refused",
            "part=np.arange(lines.account.size) - np.repeat(first, counts)",
            "part=np.zeros_like(lines.part)",
        ),
        (
            "a mere remark parks the unit",
            "*(found.units for found in findings if found.blocks)",
            "*(found.units for found in findings)",
        ),
        (
            "a unit that is parked is billed all the same",
            "np.flatnonzero(~np.isin(slab.accounts.unit[lines.account], parked))",
            "np.arange(lines.account.size)",
        ),
        (
            "the line's service period begins with its newest price",
            "[rate.stretches[0].period.start.toordinal() for rate in base.rates]",
            "[rate.last.period.start.toordinal() for rate in base.rates]",
        ),
    ),
    *in_file(
        "core/money.py",
        (
            "the smallest remainder of a pool gets the fen left over",
            "np.lexsort((order, -remainders))",
            "np.lexsort((order, remainders))",
        ),
        (
            "the fen left over are kept by nobody",
            "    parts[np.lexsort((order, -remainders))[:left]] += 1\n",
            "",
        ),
    ),
    *in_file(
        "core/periods.py",
        (
            "every month has thirty days",
            "months += Fraction((end - start).days, month.days)",
            "months += Fraction((end - start).days, 30)",
        ),
    ),
)
