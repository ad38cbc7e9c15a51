"""Mistakes in what a line is asked less for: discounts, empty units, late fee that goes back, pools shared again."""

from __future__ import annotations

from tests.mutants.mutant import Mutant, in_file, noticed_by

DISCOUNTS = ("tests/payments/discounts",)
LATE_FEES = ("tests/billing/services/test_late_fee_bills.py", "tests/billing/test_late_fee_selectors.py")

REDUCED: tuple[Mutant, ...] = (
    *in_file(
        "billing/domain/discounts.py",
        (
            "a gift is promised for a fen less than the months",
            "round_fen(monthly * gift_months * (paid // needed)) if needed else 0",
            "round_fen(monthly * gift_months * -(-paid // needed)) if needed else 0",
        ),
        (
            "two years ahead earn the gift of one",
            "(paid // needed)",
            "min(1, paid // needed)",
        ),
        (
            "a percentage has to be paid in full before it is given",
            "needed = round_fen(monthly * months * (1 - percent))",
            "needed = round_fen(monthly * months)",
        ),
        (
            "5 % of what was paid is given, not what makes it 5 % less",
            "round_fen(paid * percent / (1 - percent))",
            "round_fen(paid * percent)",
        ),
        (
            "shares of the gift are rounded one by one and do not sum to it",
            "return round_fen(Fraction((gone + covered) * self.gift, self.paid + self.gift)) - self.gift_gone",
            "return round_fen(Fraction(covered * self.gift, self.paid + self.gift))",
        ),
        (
            "the gift takes its share of the money alone",
            "self.gift, self.paid + self.gift)) - self.gift_gone",
            "self.gift, self.paid)) - self.gift_gone",
        ),
        (
            "a bill takes more than is left of the gift",
            "covered = min(owed, self.money + self.gift_left)\n        return round",
            "covered = owed\n        return round",
        ),
        (
            "money that goes back leaves the gift behind",
            "share = round_fen(Fraction((self.money_gone + money) * self.gift, self.paid))",
            "share = self.gift_gone",
        ),
        (
            "money that goes back takes the share of what was used along once more",
            "return max(0, share - self.gift_gone)",
            "return share",
        ),
        (
            "a payment that bounced counts as having come",
            "came[row.pk] = came.get(row.reverses, row.day)",
            "came[row.pk] = row.day",
        ),
        (
            "a payment whose line was lowered later counts as late",
            "came[row.pk] = first.get((row.line, row.source), row.day)",
            "came[row.pk] = row.day",
        ),
        (
            "money of the due day comes too late",
            "if came[row.pk] <= day)",
            "if came[row.pk] < day)",
        ),
        (
            "a bill paid by its due day and open again keeps its discount",
            "return discount > 0 and owed - by_due_day <= discount and owed - now <= discount",
            "return discount > 0 and owed - by_due_day <= discount",
        ),
        (
            "a bill paid late gets the discount",
            "return discount > 0 and owed - by_due_day <= discount and owed - now <= discount",
            "return discount > 0 and owed - now <= discount",
        ),
        (
            "a fen short is on time",
            "owed - by_due_day <= discount and",
            "owed - by_due_day <= discount + 1 and",
        ),
        (
            "the later line gets the odd fen of a discount",
            '[f"{place:06}" for place in range(len(asked))]',
            '[f"{-place:06}" for place in range(len(asked))]',
        ),
    ),
    *in_file(
        "billing/domain/explain_discount.py",
        (
            "the explanation believes whatever gift was promised",
            'wrong = [] if inputs.get("passed_on") or _promised(inputs) == gift else ["gift"]',
            "wrong: list[str] = []",
        ),
        (
            "the explanation forgets what the gift gave before",
            "return upto - gift_gone, steps, wrong",
            "return upto, steps, wrong",
        ),
        (
            "the explanation gives a bill more than it asks for",
            'return min(Fraction(inputs["amount"]), base), ""',
            'return Fraction(inputs["amount"]), ""',
        ),
        (
            "the explanation cuts the shares of a discount off",
            "return floors[at] + (FEN if at in order[:left] else 0)",
            "return floors[at]",
        ),
    ),
    *in_file(
        "estates/domain/vacancy.py",
        (
            "a vacancy is approved though nobody was there to look",
            '    ("applied", "refuse"): "refused",\n',
            '    ("applied", "refuse"): "refused",\n    ("applied", "approve"): "approved",\n',
        ),
        (
            "a vacancy that has ended begins again",
            '    ("approved", "end"): "ended",\n',
            '    ("approved", "end"): "ended",\n    ("ended", "approve"): "approved",\n',
        ),
        (
            "the rule for contracts of the early stage holds for all",
            "(rule.value == AT_MOST_60 and case.is_early)",
            "rule.value == AT_MOST_60",
        ),
        (
            "a local rule makes owners wait longer than the contract does",
            "months = min(terms.months, LOCAL_MONTHS) if by_law else terms.months",
            "months = LOCAL_MONTHS if by_law else terms.months",
        ),
        (
            "days before the application count though nobody agreed to it",
            "start = full_on if terms.backdates else max(full_on, case.applied_on)",
            "start = full_on",
        ),
        (
            "less is due before the months are full",
            "else max(full_on, case.applied_on)",
            "else case.applied_on",
        ),
        (
            "a local ceiling makes dearer what the contract gives for less",
            "return min(terms.share or LOCAL_CEILING, LOCAL_CEILING)",
            "return LOCAL_CEILING",
        ),
        (
            "kinds of unit that the contract does not name get the reduction",
            'return "kind" if terms.kinds and case.kind not in terms.kinds else ""',
            'return ""',
        ),
        (
            "where nothing was agreed nothing is due",
            "FULL_SHARE if refusal else share or FULL_SHARE",
            "Decimal(0) if refusal else share or FULL_SHARE",
        ),
        (
            "six months from 31 August end in a month that has 28 days",
            "return date(year, month + 1, min(day.day, last))",
            "return date(year, month + 1, min(day.day, 28))",
        ),
        (
            "what a unit may use a month it may use on any day",
            "return use * DAYS_A_MONTH > most_a_month * days",
            "return use > most_a_month",
        ),
    ),
    *noticed_by(
        DISCOUNTS,
        "billing/services/on_time.py",
        (
            "money that was taken away again leaves its discount",
            "if of_bill and not outlook.is_earned(given, given):",
            "if of_bill and not outlook.is_earned(given, given) and False:",
        ),
    ),
    *noticed_by(
        DISCOUNTS,
        "billing/selectors/on_time.py",
        (
            "a rule gives on bills that fell due before it was agreed",
            "return rule.start <= bill.due_on and",
            "return",
        ),
        (
            "a discount is shared by what lines ask for, and money that paid them has to go back",
            "if sum(weights) < discount:",
            "if True:",
        ),
    ),
    *noticed_by(
        DISCOUNTS,
        "billing/services/paid_ahead.py",
        (
            "what is open already counts as paid ahead",
            "ahead = to_fen(paid - owed)",
            "ahead = to_fen(paid)",
        ),
        (
            "bills from before the payment have a part in its gift",
            "schedule=REGULAR, issued_on__gte=row.day",
            "schedule=REGULAR",
        ),
        (
            "the payment that was there first gives way first",
            "for one in reversed(standing):",
            "for one in standing:",
        ),
    ),
    *noticed_by(
        LATE_FEES,
        "billing/selectors/late_fee_lines.py",
        (
            "late fee stays when its principal turns out to be wrong",
            "            excess[line_id] = part\n",
            "            excess[line_id] = part * 0\n",
        ),
        (
            "what was corrected bore late fee until it was corrected",
            "amount = line.amount - self.corrected[line.pk]",
            "amount = line.amount",
        ),
    ),
)
"""Those of services are noticed by tests with a database."""
