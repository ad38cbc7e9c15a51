"""What billing listens to."""

from billing.notices import plan_bill_notices
from core.events import subscribe


@subscribe("billing.bills_issued")
def notify_payers(*, run_id: int, **_: object) -> None:
    """Plan the bill notices of a run that was issued; planned twice, they are one."""
    plan_bill_notices(run_id=run_id)
