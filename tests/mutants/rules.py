"""Mistakes about who is charged, when, by which tariff, and what is said about it."""

from __future__ import annotations

from tests.mutants.mutant import Mutant, in_file

RULES: tuple[Mutant, ...] = (
    *in_file(
        "billing/domain/scopes.py",
        (
            "a version charges one day longer than it says",
            "(self.end is None or day < self.end)",
            "(self.end is None or day <= self.end)",
        ),
        (
            "a version begins one day late",
            "return self.start <= day and",
            "return self.start < day and",
        ),
        (
            "the widest scope wins",
            "winner = min(charging",
            "winner = max(charging",
        ),
        (
            "the end of a version inside the period is not seen",
            "for day in (tariff.start, tariff.end) if day",
            "for day in (tariff.start,) if day",
        ),
        (
            "a price change inside the period is swallowed",
            "return before.tariff.id == after.tariff.id and before.period.end == after.period.start",
            "return before.period.end == after.period.start",
        ),
        (
            "the kind of a unit goes before its building",
            'SCOPES = ("unit", "stair", "building", "kind", "*")',
            'SCOPES = ("unit", "stair", "kind", "building", "*")',
        ),
        (
            "units of different scopes fall into one class",
            "code = code * (len(names) + 1) + _index_in(",
            "code = code + _index_in(",
        ),
        (
            "a tariff of one building charges the next one too",
            "np.where(ids[order[at]] == values, places_of[order[at]], 0)",
            "np.where(ids[order[at]] >= values, places_of[order[at]], 0)",
        ),
    ),
    *in_file(
        "billing/domain/schedule.py",
        (
            "what is served first is billed for days to come",
            "return current if in_advance else current.previous()",
            "return current",
        ),
        (
            "a quarter is billed every month",
            "if current.start != run.start:",
            "if current.start > run.start:",
        ),
        (
            "the first cycle after the hand-over is billed before it began",
            "if current.start < run.start or current.start < anchor:",
            "if current.start < run.start:",
        ),
        (
            "behind, a year is billed that nobody held the unit for",
            "return before if before.start >= anchor else None",
            "return before",
        ),
    ),
    *in_file(
        "billing/domain/expression_tree.py",
        (
            "a formula takes the other branch",
            "compute(then if _holds(condition, values) else otherwise, values)",
            "compute(otherwise if _holds(condition, values) else then, values)",
        ),
        (
            "above the first floor means from the first floor on",
            '    ">": gt,',
            '    ">": ge,',
        ),
        (
            "the dearer of two amounts is taken for the cheaper",
            'return min(values) if name == "min" else max(values)',
            'return max(values) if name == "min" else max(values)',
        ),
        (
            "a minus in a formula is overlooked",
            "return -compute(operand, values)",
            "return compute(operand, values)",
        ),
    ),
    *in_file(
        "billing/domain/numbers.py",
        (
            "the check digit of a bill number is wrong now and then",
            "np.where(total == 0, 10, total)",
            "np.where(total == 0, 0, total)",
        ),
        (
            "after a hundred million bills a number has too many digits",
            "sequence % 10**8",
            "sequence",
        ),
    ),
    *in_file(
        "billing/domain/lifecycle.py",
        (
            "a draft is issued without anybody's look",
            '("draft", "review"): "reviewed",\n',
            '("draft", "review"): "reviewed",\n    ("draft", "issue"): "issued",\n',
        ),
        (
            "a bill that is void can be issued again",
            '("issued", "void"): "void",\n',
            '("issued", "void"): "void",\n    ("void", "issue"): "issued",\n',
        ),
    ),
    *in_file(
        "billing/domain/explain.py",
        (
            "the explanation cuts off where the run rounds",
            "return floor(exact / coin + HALF) * coin",
            "return floor(exact / coin) * coin",
        ),
        (
            "inputs that contradict each other are passed over",
            "return self.computed == self.amount and not self.contradictions",
            "return self.computed == self.amount",
        ),
        (
            "an altered amount is confirmed",
            "return self.computed == self.amount and not self.contradictions",
            "return not self.contradictions",
        ),
        (
            "a use that is not the difference of the readings is confirmed",
            'if use != Fraction(meter["use"]) or not _stretches_join(meter):',
            "if not _stretches_join(meter):",
        ),
        (
            "the meter's multiplier is forgotten",
            'return (closing - opening) * Fraction(stretch["multiplier"])',
            "return closing - opening",
        ),
        (
            "months that do not fit their days are confirmed",
            'work.contradictions.append("months")',
            "pass",
        ),
        (
            "the share of another payer is explained",
            "own = (downs[at] - exact[at] / coin, at)",
            "own = (downs[0] - exact[0] / coin, 0)",
        ),
        (
            "a slab the use does not reach is subtracted",
            "within = max(Fraction(0), (use if high is None else min(use, high)) - low)",
            "within = (use if high is None else min(use, high)) - low",
        ),
    ),
    *in_file(
        "billing/domain/explain_pool.py",
        (
            "a participant's extra coin is taken on trust",
            "    if extra != stored:\n",
            "    if extra > coin:\n",
        ),
    ),
    *in_file(
        "billing/domain/comparison.py",
        (
            "what went up is said to have gone down",
            "return Change(now.amount - before.amount, tuple(_causes(now, before)))",
            "return Change(before.amount - now.amount, tuple(_causes(now, before)))",
        ),
        (
            "a fee that is gone adds to the difference",
            "return Change(-before.amount if before else ZERO",
            "return Change(before.amount if before else ZERO",
        ),
        (
            "a change of method is told as a change of price",
            "if now.method != before.method:",
            "if now.method == before.method == None:",
        ),
        (
            "a difference of a fen is said to be none",
            'Cause("same" if now.amount == before.amount else "rounding")',
            'Cause("same" if now.amount >= before.amount else "rounding")',
        ),
        (
            "what did not change is named as a cause",
            "if key in earlier and after[key] != earlier[key]",
            "if key in earlier",
        ),
    ),
    *in_file(
        "billing/domain/differences.py",
        (
            "what fell is said to have risen",
            "return np.where(self.side == NOW, self.fen, -self.fen)",
            "return np.where(self.side == NOW, -self.fen, self.fen)",
        ),
        (
            "any difference that nothing explains is called rounding",
            "small = (np.abs(left) <= self._sum(coins[self.facts.terms])) & self.terms[0].are_known",
            "small = np.ones(left.shape, dtype=bool)",
        ),
        (
            "a fee item that is charged in another way is told as a new one",
            '(("method", other_way), ("item", ~other_way))',
            '(("item", other_way), ("method", ~other_way))',
        ),
        (
            "causes are not told the largest first",
            "key=lambda pair: -abs(pair[1])",
            "key=lambda pair: pair[1]",
        ),
    ),
    *in_file(
        "billing/domain/tariff_rows.py",
        (
            "the last day a tariff file writes is lost",
            "return _day(cell) + timedelta(days=1)",
            "return _day(cell)",
        ),
        (
            "a version that ends before it starts is taken",
            "if written.end and written.end <= written.start and not row.is_rejected:",
            "if written.end and written.end < written.start and not row.is_rejected:",
        ),
        (
            "rows of one fee item may be billed ahead and behind",
            'AGREED = ("name", "cycle", "timing", "counted_from")',
            'AGREED = ("name", "cycle", "counted_from")',
        ),
        (
            "a tariff for a building that is not there is taken",
            "if code not in known.buildings:",
            "if not code:",
        ),
    ),
    *in_file(
        "billing/domain/tariff_plan.py",
        (
            "a new price from the day after the old one's last is refused",
            "(self.end is None or other.start < self.end)",
            "(self.end is None or other.start <= self.end)",
        ),
        (
            "a fee item with bills changes from ahead to behind",
            'for name in ("cycle", "timing", "counted_from"):',
            'for name in ("cycle", "counted_from"):',
        ),
        (
            "changing a version is an overlap with itself",
            "if key not in written_again:",
            "if key:",
        ),
        (
            "rows that contradict each other: the first one wins",
            "for one, other in ((row, earlier), (earlier, row)):",
            "for one, other in ((row, earlier),):",
        ),
    ),
    *in_file(
        "billing/domain/tariff_notation.py",
        (
            "slabs that do not rise are taken",
            "if any(above <= below for below, above in pairwise([Decimal(0), *limits])):",
            "if any(above < below for below, above in pairwise([Decimal(0), *limits])):",
        ),
        (
            "a negative price pays owners for living there",
            "if amount < 0:",
            "if amount < -LARGEST:",
        ),
        (
            "a price with seven decimals is cut silently",
            "if amount != amount.quantize(Decimal(1).scaleb(-PLACES)):",
            "if amount is None:",
        ),
    ),
)
