"""What payments tells the apps above and in which words, and what it listens to.

``payments.received`` with ``receipt_id``: money came in and was allocated; published once for every receipt, in the
transaction that wrote it. The bulk form publishes none: history is not news. Money that billing takes off a line is
kept here as prepayment, and so is what owners had with another system before. When a unit has changed hands, the
seller's money goes where it was agreed.
"""

from billing.holdings import register_teller
from billing.models import UnitChange
from billing.services import opening_keepers
from billing.services.releasing import register_keeper
from core.calendars import day_of
from core.events import subscribe
from payments.selectors.transfers import tell_holdings
from payments.services.keeping import keep_released
from payments.services.opening import OpeningHoldings
from payments.services.transfers import settle_transfer

register_keeper(keep_released)
opening_keepers.register_keeper(OpeningHoldings())
register_teller(tell_holdings)


@subscribe("billing.unit_transferred")
def settle_with_seller(*, change_id: int, **_: object) -> None:
    """Do with the seller's money what was agreed, on the day of the decision; what is to come waits for its night."""
    change = UnitChange.objects.select_related("unit", "community").get(pk=change_id)
    if change.decided_at:
        settle_transfer(change=change, day=day_of(change.decided_at), now=change.decided_at)
