"""Mistakes about days: what counts as late, from when a fact holds, and what is put right afterwards."""

from __future__ import annotations

from tests.mutants.mutant import Mutant, in_file

DATED: tuple[Mutant, ...] = (
    *in_file(
        "billing/domain/late_fee.py",
        (
            "the due day itself is late",
            "terms.counts_after(debt.due_on)) + ONE_DAY",
            "terms.counts_after(debt.due_on))",
        ),
        (
            "the day of payment bears nothing",
            "first if move.day <= good else move.day + ONE_DAY",
            "first if move.day <= good else move.day",
        ),
        (
            "what came on the last good day counts as late",
            "first if move.day <= good else",
            "first if move.day < good else",
        ),
        (
            "counted grace is forgiven",
            "return due_on if self.grace_counts else self.last_good_day(due_on)",
            "return self.last_good_day(due_on)",
        ),
        (
            "grace that counts does so before it is over",
            "if as_of <= good:",
            "if as_of < good:",
        ),
        (
            "a pause ends a day early",
            "return self.first <= day and (self.last is None or day <= self.last)",
            "return self.first <= day and (self.last is None or day < self.last)",
        ),
        (
            "the day after a pause rests too",
            "            yield rest.last + ONE_DAY\n",
            "            yield rest.last + ONE_DAY + ONE_DAY\n",
        ),
        (
            "a pause in the middle of a stretch is not seen",
            "edges = {day for day, _amount in moves} | set(_edges(debt.rests))",
            "edges = {day for day, _amount in moves}",
        ),
        (
            "a pause between two stretches of the same principal is counted",
            "joined[-1].principal == one.principal and joined[-1].last + ONE_DAY == one.first",
            "joined[-1].principal == one.principal",
        ),
        (
            "every fee may come to the whole principal",
            "_cap(stretches, terms.rate, terms.cap * debt.amount)",
            "_cap(stretches, terms.rate, debt.amount)",
        ),
        (
            "after its cap a fee goes on growing",
            "        left -= part\n",
            "",
        ),
        (
            "who paid too much earns interest",
            "if principal > 0 and not any",
            "if principal != 0 and not any",
        ),
        (
            "a fee that is due once is due for every stretch",
            "for one in stretches[:1]]",
            "for one in stretches]",
        ),
        (
            "each stretch is rounded by itself",
            "return round_half_up(self.exact)",
            "return sum((round_half_up(part.amount) for part in self.parts), ZERO)",
        ),
        (
            "the last day of a stretch is not counted",
            "return (self.last - self.first).days + 1",
            "return (self.last - self.first).days",
        ),
        (
            "a part payment lowers nothing",
            "if day <= begin), ZERO)",
            "if day < first), ZERO)",
        ),
    ),
    *in_file(
        "billing/domain/court_view.py",
        (
            "a new lending rate counts from the day after it was published",
            "bisect_right(self.days, day) - 1",
            "bisect_right(self.days, day - ONE_DAY) - 1",
        ),
        (
            "a change of the lending rate inside a stretch is swallowed",
            "begins = [one.first, *rates.changes(one.first, one.last)]",
            "begins = [one.first]",
        ),
        (
            "a court grants the bare lending rate",
            "yield Stretch(one.principal, first, last), LOSS * rates.on(first)",
            "yield Stretch(one.principal, first, last), rates.on(first)",
        ),
    ),
    *in_file(
        "billing/domain/pieces.py",
        (
            "a vacancy lasts a day longer than approved",
            "return self.start <= day < self.end",
            "return self.start <= day <= self.end",
        ),
        (
            "of two measured areas the older one holds",
            "for value in reversed(list(values)) if value != UNKNOWN",
            "for value in values if value != UNKNOWN",
        ),
        (
            "facts are taken in the order they were written down",
            "sorted(rows, key=lambda fact: fact.start)",
            "list(rows)",
        ),
        (
            "who has no vacancy owes nothing",
            "_last((fact.share for fact in holding), SHARE_SCALE)",
            "_last((fact.share for fact in holding), 0)",
        ),
        (
            "a measured area holds for the days before it too",
            "_last((fact.area for fact in holding), area)",
            "_last((fact.area for fact in facts), area)",
        ),
        (
            "a meter's use is reduced by a vacancy",
            "reduced = honours_vacancy and method in BY_MONTHS",
            "reduced = honours_vacancy",
        ),
        (
            "a vacancy takes from fees that do not honour it",
            "reduced = honours_vacancy and method in BY_MONTHS",
            "reduced = method in BY_MONTHS",
        ),
        (
            "fixed fees know no vacancy",
            'BY_MONTHS = frozenset({"area", "fixed", "expression"})',
            'BY_MONTHS = frozenset({"area", "expression"})',
        ),
        (
            "formulae do not see a new area",
            'BY_AREA = frozenset({"area", "expression"})',
            'BY_AREA = frozenset({"area"})',
        ),
        (
            "the share of the first days stands for all",
            "begins = _changes(accounts.id) | _changes(share)",
            "begins = _changes(accounts.id)",
        ),
        (
            "days of joined pieces are lost",
            "end[first] = accounts.end[np.r_[first[1:], accounts.id.size] - 1]",
            "end[first] = accounts.end[first]",
        ),
        (
            "the facts of a unit cut its neighbour's account",
            "np.flatnonzero(np.isin(accounts.unit, facts.unit))",
            "np.flatnonzero(np.isin(accounts.id, facts.unit))",
        ),
    ),
    *in_file(
        "billing/domain/rebilling.py",
        (
            "what was waived is asked for again",
            "sum((line.billed for line in lines), ZERO)",
            "sum((line.left for line in lines), ZERO)",
        ),
        (
            "a correction of nothing is billed",
            "elif difference > 0:",
            "elif difference >= 0:",
        ),
        (
            "a correction does not say which line asked for too little",
            "line = lines[0].line if lines else None",
            "line = None",
        ),
        (
            "the oldest line goes down first",
            "for line in reversed(lines):",
            "for line in lines:",
        ),
        (
            "a waived amount is taken back as well",
            "part = min(amount, line.left)",
            "part = min(amount, line.billed)",
        ),
        (
            "every line goes down by the whole difference",
            "            amount -= part\n",
            "",
        ),
        (
            "who sold goes on owing",
            "for slot in sorted({*due, *asked}):",
            "for slot in sorted(due):",
        ),
        (
            "who bought is never asked",
            "for slot in sorted({*due, *asked}):",
            "for slot in sorted(asked):",
        ),
    ),
    *in_file(
        "billing/domain/formula_differences.py",
        (
            "more water is told as a larger flat",
            '"use": "use",',
            '"use": "area",',
        ),
        (
            "fewer days are told as another price",
            'factor *= _sum(now, "time") / _sum(before, "time")',
            "factor *= 1",
        ),
        (
            "what is due of an empty flat is told as another price",
            'factor *= _sum(now, "due") / _sum(now, "time") * _sum(before, "time") / due',
            "factor *= 1",
        ),
        (
            "a value that was exchanged goes back at the next exchange",
            "exchanged |= {",
            "exchanged = {",
        ),
    ),
    *in_file(
        "billing/domain/contracts.py",
        (
            "a pool whose cost the price holds is shared again",
            "if (end is None or start < end) and not holds_it:",
            "if end is None or start < end:",
        ),
        (
            "a contract's end does not end its tariffs",
            "end = min(ends) if ends else None",
            "end = max(ends) if ends else None",
        ),
        (
            "service that nobody decided about goes on",
            'if term.end and term.after_end == "continue" else term',
            'if term.end and term.after_end != "stop" else term',
        ),
        (
            "the day after a contract is covered by it",
            "(t.end is None or part.start < t.end)",
            "(t.end is None or part.start <= t.end)",
        ),
    ),
)
