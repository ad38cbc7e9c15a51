"""Every step of runs and bills that exists, and that no other does."""

from itertools import product

import pytest

from billing.domain.lifecycle import (
    BILL_STEPS,
    RUN_STEPS,
    StepNotAllowedError,
    next_bill_state,
    next_run_state,
)

RUN_STATES, BILL_STATES = ("draft", "reviewed", "issued"), ("draft", "issued", "void")


@pytest.mark.parametrize(("state", "step"), list(product(RUN_STATES, ("review", "issue", "extend"))))
def test_next_run_state(state: str, step: str) -> None:
    if (state, step) in RUN_STEPS:
        assert next_run_state(state, step) == RUN_STEPS[state, step]
    else:
        with pytest.raises(StepNotAllowedError):
            next_run_state(state, step)


@pytest.mark.parametrize(("state", "step"), list(product(BILL_STATES, ("issue", "void"))))
def test_next_bill_state(state: str, step: str) -> None:
    if (state, step) in BILL_STEPS:
        assert next_bill_state(state, step) == BILL_STEPS[state, step]
    else:
        with pytest.raises(StepNotAllowedError):
            next_bill_state(state, step)


def test_nothing_leads_out_of_void() -> None:
    assert not [step for (state, step) in BILL_STEPS if state == "void"]


def test_nothing_is_issued_before_somebody_has_looked() -> None:
    with pytest.raises(StepNotAllowedError):
        next_run_state("draft", "issue")
