"""Mistakes about what is shared: as it was agreed, less what is lost, and again when somebody joins."""

from __future__ import annotations

from tests.mutants.mutant import Mutant, in_file

SHARED: tuple[Mutant, ...] = (
    *in_file(
        "billing/domain/pool_rules.py",
        (
            "parts of a pool that leave something over are taken",
            "sum(filter(None, shares)) != WHOLE",
            "sum(filter(None, shares)) > WHOLE",
        ),
        (
            "a key with no part of the pool is taken",
            "if not 0 < share <= WHOLE or",
            "if not 0 <= share <= WHOLE or",
        ),
        (
            "a part finer than the pool can be split by is cut silently",
            "if not 0 < share <= WHOLE or share != share.quantize(FINEST):",
            "if not 0 < share <= WHOLE:",
        ),
        (
            "a loss is agreed where no meter can show one",
            'if rule.loss != "shared" and not (rule.less or rule.common):',
            'if rule.loss != "shared" and not (rule.less or rule.common or rule.keys):',
        ),
        (
            "a mix that has areas in it needs no agreement",
            "[key.kind for key in self.keys] == [BY_AREA]",
            "BY_AREA in [key.kind for key in self.keys]",
        ),
        (
            "areas that weigh half need no agreement",
            " and not is_weighed and self.vacancy == FULL",
            " and self.vacancy == FULL",
        ),
        (
            "who is agreed to weigh nothing is refused",
            "if not 0 <= weight < 100 or",
            "if not 0 < weight < 100 or",
        ),
        (
            "an option written twice: the last one wins",
            "        if option in named:\n",
            "        if option in ():\n",
        ),
        (
            "from the second or the third floor up is taken",
            'ranked and (fact != "floor" or len(values) > 1)',
            'ranked and fact != "floor"',
        ),
        (
            "a fixed part belongs to nobody",
            'if (kind == "fixed") != bool(name) and kind not in ("use", "coefficient"):',
            'if bool(name) and kind not in ("fixed", "use", "coefficient"):',
        ),
        (
            "vacant units weigh less without an agreement",
            " and not is_weighed and self.vacancy == FULL",
            " and not is_weighed",
        ),
        (
            "what was agreed about the loss is forgotten when it is written down",
            '                ("loss", self.loss, "shared"),\n',
            "",
        ),
    ),
    *in_file(
        "billing/domain/pools.py",
        (
            "the first of several keys gets all the pool",
            "percents = [int(key.percent / FINEST) for key in self.rule.keys]",
            "percents = [int(1 / FINEST)] + [0] * (len(self.rule.keys) - 1)",
        ),
        (
            "who bears a fixed part shares the rest as well",
            "meets & ~fixed)",
            "meets)",
        ),
        (
            "who used little because he moved in late is charged by days once more",
            "np.ones_like(counted) if key.kind in UNDATED else counted * agreed",
            "counted * agreed",
        ),
        (
            "an agreed weight is a condition",
            "        if condition.weight is None:\n            meets &= holds\n",
            "        meets &= holds\n        if condition.weight is None:\n            continue\n",
        ),
        (
            "a vacant unit weighs less though nobody agreed to it",
            "if units.worth is None or rule.vacancy != SHARE:",
            "if units.worth is None:",
        ),
        (
            "of two agreed weights the last one counts",
            "agreed = agreed * np.where(holds",
            "agreed = np.where(holds",
        ),
        (
            "a floor nobody has written down is below all others",
            "return (floor != FLOORLESS) & SIGNS",
            "return SIGNS",
        ),
        (
            "a supplier's bill is charged whole in a month the pool ends in",
            "round_half_up(Fraction(fen * in_force, days * self.coin_fen))",
            "round_half_up(Fraction(fen, self.coin_fen))",
        ),
    ),
    *in_file(
        "billing/domain/losses.py",
        (
            "the office's power is shared by the owners",
            "return self.main - self.less - self.without",
            "return self.main - self.less",
        ),
        (
            "what common meters saw is said to be lost",
            "return self.difference - (self.common or NOTHING)",
            "return self.difference",
        ),
        (
            "the company bears nothing, whatever was agreed",
            "return self.difference - self.borne",
            "return self.difference",
        ),
        (
            "owners pay for meters that saw too much",
            "return max(self.loss - allowed, NOTHING)",
            "return self.loss - allowed",
        ),
        (
            "a loss the company bears is shared",
            'allowed = NOTHING if self.loss_rule == "company"',
            'allowed = self.loss if self.loss_rule == "company"',
        ),
        (
            "the per cent is of the loss and not of the main meter",
            "(self.main * Decimal(self.loss_rule",
            "(self.loss * Decimal(self.loss_rule",
        ),
        (
            "the agreed loss is cut off after four decimals",
            ".quantize(STEP, ROUND_HALF_UP)",
            '.quantize(STEP, "ROUND_DOWN")',
        ),
    ),
    *in_file(
        "billing/domain/resharing.py",
        (
            "who has paid is given his share back",
            "after = np.where(paid, before, 0)",
            "after = np.zeros_like(before)",
        ),
        (
            "who has paid shares the rest as well",
            "open_weights = np.where(paid, 0, weights)",
            "open_weights = weights",
        ),
        (
            "what is paid is shared a second time",
            "left = int(before.sum()) - int(before[paid].sum())",
            "left = int(before.sum())",
        ),
        (
            "what has nobody to carry it vanishes",
            "    if left:\n",
            "    if left and open_weights.any():\n",
        ),
    ),
    *in_file(
        "billing/domain/measures.py",
        (
            "an empty flat's share is told as a new price",
            "due = sum((time * share for time, share, _part in parts), Fraction(0))\n    yuan",
            "due = time\n    yuan",
        ),
        (
            "a larger pool is told as a dearer one",
            'use = fen / price if (price := Fraction(inputs.get("pool_price") or 0)) else fen',
            "use = Fraction(1)",
        ),
    ),
)
