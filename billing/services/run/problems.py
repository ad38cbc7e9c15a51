"""What a run has to say about units, in words a clerk understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from billing.domain.slab import Finding
from billing.models import BillRun, FeeItem, RunProblem
from estates.models import Unit

SENTENCES = {
    "no_payer": gettext_noop(
        "Nobody pays for %(unit)s: the register names no owner, and there is no developer."
    ),
    "no_area": gettext_noop("%(unit)s has no area, but %(fee)s is charged by area."),
    "no_inner_area": gettext_noop("%(unit)s has no inner area, but the formula of %(fee)s asks for it."),
    "no_floor": gettext_noop("%(unit)s has no floor, but the formula of %(fee)s asks for it."),
    "formula_by_zero": gettext_noop("The formula of %(fee)s divides by zero for %(unit)s."),
    "formula_negative": gettext_noop("The formula of %(fee)s comes to less than zero for %(unit)s."),
    "no_handover": gettext_noop(
        "%(unit)s has no hand-over day, and %(fee)s is counted from it; nothing is charged."
    ),
    "meter_backwards": gettext_noop(
        "A meter of %(unit)s shows less than before; check the readings for %(fee)s."
    ),
    "meter_opened": gettext_noop(
        "The meter of %(unit)s has only its first reading; %(fee)s starts with the next one."
    ),
    "meter_unread": gettext_noop(
        "A meter of %(unit)s was not read in the period; what it counted since for %(fee)s comes with its next reading."
    ),
    "absurd": gettext_noop(
        "%(fee)s for %(unit)s would exceed ten billion yuan; check area, readings and price."
    ),
    "pool_no_meter": gettext_noop(
        "The community meter of the pool %(unit)s has no readings to charge %(fee)s from."
    ),
    "pool_unread": gettext_noop(
        "The community meter of the pool %(unit)s was not read in the period; %(fee)s is not shared."
    ),
    "pool_backwards": gettext_noop(
        "The community meter of the pool %(unit)s shows less than before; %(fee)s is not shared."
    ),
    "pool_no_bill": gettext_noop(
        "No supplier's bill has been recorded for the pool %(unit)s and this period, so %(fee)s is not shared."
    ),
    "pool_meters_missing": gettext_noop(
        "For the pool %(unit)s of %(fee)s these meters have no two readings and counted as nothing: %(meters)s."
    ),
    "pool_left_out": gettext_noop(
        "%(count)s units have no part in the pool %(unit)s of %(fee)s, because the register lacks what it is "
        "shared by: %(units)s."
    ),
    "pool_nobody": gettext_noop("No unit takes part in the pool %(unit)s; %(fee)s is not shared."),
    "pool_joined_late": gettext_noop(
        "%(unit)s came after %(fee)s had been shared and takes part from the next period."
    ),
    "contract_not_begun": gettext_noop(
        "The contract %(contract)s begins on %(start)s: nothing is billed from %(first)s to %(last)s."
    ),
    "contract_undecided": gettext_noop(
        "The contract %(contract)s has ended: nothing is billed from %(first)s to %(last)s until somebody records "
        "whether service goes on (Civil Code 948 to 950)."
    ),
    "contract_ended": gettext_noop(
        "The contract %(contract)s has ended and service with it: nothing is billed from %(first)s to %(last)s "
        "(Civil Code 949)."
    ),
    "contract_holds_pool": gettext_noop(
        "The lump-sum price of the contract holds the cost of the meter %(unit)s already; %(fee)s is not shared."
    ),
    "reading_held": gettext_noop(
        "A reading of %(unit)s waits for somebody to look at it; what it counted is not on this bill. "
        "Settle it, then bill the unit anew."
    ),
    "no_meter": gettext_noop("%(unit)s has no meter, so nothing is charged for %(fee)s."),
}


def record_findings(run: BillRun, findings: Iterable[Finding]) -> None:
    """Write one row for each unit of each finding, in the order of unit codes."""
    findings = list(findings)
    names = get_fee_names(run) if findings else {}
    ids = {unit for finding in findings for unit in finding.units.tolist()}
    codes = dict(Unit.objects.filter(pk__in=ids).values_list("pk", "code")) if ids else {}
    rows = [
        as_problem(run, finding.code, codes[unit], names, fee=finding.fee_item, blocks=finding.blocks)
        for finding in findings
        for unit in finding.units.tolist()
    ]
    RunProblem.objects.bulk_create(sorted(rows, key=lambda row: (row.unit, row.code)))


def get_fee_names(run: BillRun) -> dict[str, str]:
    """Return what people call the fee items of the run's community, by code."""
    return dict(FeeItem.objects.filter(community=run.community_id).values_list("code", "name"))


def as_problem(
    run: BillRun,
    code: str,
    unit: str,
    names: Mapping[str, str],
    *,
    fee: str = "",
    blocks: bool,
    **figures: object,
) -> RunProblem:
    """Return the row for one unit (or one pool's meter); a blocking one parks its accounts.

    ``fee`` is the code of a fee item; the sentence calls it by its name, and takes the figures in.
    """
    message = _(SENTENCES[code]) % {"unit": unit, "fee": names.get(fee, fee), **figures}
    where = {"unit": unit} | ({"fee_item": fee} if fee else {})
    return RunProblem(run=run, unit=unit, code=code, message=message, where=where, blocks=blocks)
