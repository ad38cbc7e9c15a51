"""The lives of runs and bills: one table each, and nothing else decides.

Paid, overdue and in arrears are no states: they follow from dates and amounts.
"""

from __future__ import annotations

from core.errors import ConflictError

RUN_STEPS = {
    ("draft", "review"): "reviewed",
    ("reviewed", "issue"): "issued",
    ("issued", "extend"): "reviewed",
    ("issued", "recall"): "draft",
    ("reviewed", "recall"): "draft",
}
"""``recall``: issued before anybody was told, and taken back wholly.
``extend``: accounts that came after the issue, or were parked, are billed by the same, already approved run."""

BILL_STEPS = {
    ("draft", "issue"): "issued",
    ("draft", "void"): "void",
    ("issued", "void"): "void",
}


class StepNotAllowedError(ConflictError):
    """The step does not exist from this state."""

    code = "billing.step_not_allowed"


def next_run_state(state: str, step: str) -> str:
    """Return the state of a run after a step. Raises StepNotAllowedError.

    >>> next_run_state("draft", "review")
    'reviewed'
    """
    return _next(RUN_STEPS, state, step)


def next_bill_state(state: str, step: str) -> str:
    """Return the state of a bill after a step. Raises StepNotAllowedError.

    >>> next_bill_state("issued", "void")
    'void'
    """
    return _next(BILL_STEPS, state, step)


def _next(steps: dict[tuple[str, str], str], state: str, step: str) -> str:
    if (state, step) not in steps:
        raise StepNotAllowedError(f"Not possible from “{state}”: {step}.")
    return steps[state, step]
