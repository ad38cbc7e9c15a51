"""What payments tells the apps above, and in which words. It listens to nobody below it.

``payments.received`` with ``receipt_id``: money came in and was allocated; published once for every receipt, in the
transaction that wrote it. The bulk form publishes none: history is not news. Money that billing takes off a line is
kept here as prepayment, and so is what owners had with another system before.
"""

from billing.services import opening_keepers
from billing.services.releasing import register_keeper
from payments.services.keeping import keep_released
from payments.services.opening import OpeningHoldings

register_keeper(keep_released)
opening_keepers.register_keeper(OpeningHoldings())
