"""What billing listens to."""

from collections.abc import Sequence

from billing.notices.bills import (
    CORRECTION_NOTICE,
    LATE_FEE_NOTICE,
    plan_bill_notices,
    plan_notices_of_bills,
)
from billing.notices.vacancies import plan_vacancy_notices
from billing.reviewers import write_to_reviewers
from core.events import subscribe


@subscribe("billing.bills_issued")
def notify_payers(*, run_id: int, **_: object) -> None:
    """Plan the bill notices of a run that was issued; planned twice, they are one."""
    plan_bill_notices(run_id=run_id)


@subscribe("billing.correction_issued")
def notify_of_corrections(*, bill_ids: Sequence[int], **_: object) -> None:
    """Tell payers that a bill was put right and more is to pay."""
    plan_notices_of_bills(kind=CORRECTION_NOTICE.name, bill_ids=bill_ids)


@subscribe("billing.late_fee_charged")
def notify_of_late_fees(*, bill_ids: Sequence[int], **_: object) -> None:
    """Tell payers of late fee that was charged and is not paid with the same money."""
    plan_notices_of_bills(kind=LATE_FEE_NOTICE.name, bill_ids=bill_ids)


@subscribe("billing.review_waits")
def write_that_a_review_waits(*, run_id: int, **_: object) -> None:
    """Write to the reviewers of a run that nobody has reviewed."""
    write_to_reviewers(run_id)


@subscribe("estates.vacancy_decided")
def notify_of_vacancies(*, vacancy_id: int, **_: object) -> None:
    """Tell the owner that a vacancy was granted, refused with its reason, or has ended with what shows it."""
    plan_vacancy_notices(vacancy_id=vacancy_id)
