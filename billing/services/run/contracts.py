"""Days of a run that no contract covers are not billed, and the run says why."""

from __future__ import annotations

from collections.abc import Iterator

from billing.domain.contracts import Gap, Term, find_gaps
from billing.models import BillRun, FeeItem, RunProblem
from billing.selectors.contracts import load_terms
from billing.selectors.snapshot import list_tariffs
from billing.selectors.turns import list_turns
from billing.services.run.problems import as_problem, get_fee_names
from core.figures import format_date
from core.periods import Period

CODES = {
    "not_begun": "contract_not_begun",
    "undecided": "contract_undecided",
    "ended": "contract_ended",
}
POOL_IN_PRICE = "contract_holds_pool"


def name_contract_gaps(run: BillRun) -> None:
    """Say which days of which contract's absence are not billed, and which pools a lump-sum price holds already."""
    RunProblem.objects.filter(run=run, code__startswith="contract_").delete()
    terms = load_terms(run.community_id)
    if not terms:
        return
    month = Period(run.period_start, run.period_end)
    turns = [(item, turn.period) for item in _items(run) for turn in list_turns(item, month)]
    gaps = {
        gap: None for item, period in turns if list_tariffs(item, period) for gap in find_gaps(period, terms)
    }
    RunProblem.objects.bulk_create(_problem(run, gap) for gap in gaps)
    RunProblem.objects.bulk_create(_pools_held(run, turns, terms))


def _items(run: BillRun) -> list[FeeItem]:
    return list(FeeItem.objects.filter(community_id=run.community_id).order_by("rank", "code"))


def _problem(run: BillRun, gap: Gap) -> RunProblem:
    words = {
        "contract": gap.term.number,
        "start": format_date(gap.term.start),
        "first": format_date(gap.period.start),
        "last": format_date(gap.period.last_day),
    }
    return as_problem(run, CODES[gap.reason], "", {}, blocks=True, **words)


def _pools_held(run: BillRun, turns: list[tuple[FeeItem, Period]], terms: list[Term]) -> Iterator[RunProblem]:
    names, held = get_fee_names(run), frozenset[str]().union(*(term.included_meters for term in terms))
    for item, period in turns:
        meters = {tariff.pool_meter for tariff in list_tariffs(item, period)}
        for meter in sorted(meters & held):
            yield as_problem(run, POOL_IN_PRICE, meter, names, fee=item.code, blocks=False)
