"""Sending an order to a platform, and calling it back (P-10)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import ConflictError, DomainError
from core.failpoints import failpoint
from payments.domain.lifecycle import IntentState, next_query_at
from payments.gateways.interface import (
    ErrorCode,
    GatewayError,
    Order,
    PayInstruction,
    PaymentResult,
    PaymentState,
    Scene,
)
from payments.models import Intent
from payments.selectors.merchants import get_gateway
from payments.services.intents import PaymentInProgressError, drop_intent
from payments.services.queries import query_intent
from payments.services.settlement import settle


class OrderOverError(ConflictError):
    """The order was paid, closed, or its time is over; a new one can be made."""

    code = "payments.order_over"
    message = gettext_lazy("This order is over. Please open the bill again.")


class PlatformRefusedError(DomainError):
    """The platform said no, or could not be reached: no money moved, and it can be tried again."""

    code = "payments.platform_refused"
    status = 503
    message = gettext_lazy("The payment platform could not be reached; no money moved. Please try again.")


@dataclass(frozen=True)
class PayerPlace:
    """Where the payer stands: what kind of screen, and what the platform needs to know of it."""

    scene: Scene
    return_url: str = ""
    ip: str = ""
    openid: str = ""


@dataclass(frozen=True)
class Started:
    """How the payer goes on. ``in_progress`` says that this press was not the first."""

    intent: Intent
    in_progress: bool

    @property
    def instruction(self) -> dict[str, Any]:
        """What the payer's page must do, as `gateways.interface.PayInstruction` has it; empty while unknown."""
        return dict(self.intent.instruction)


def start_payment(*, intent_id: int, place: PayerPlace, now: datetime) -> Started:
    """Send the order to its platform and return how the payer goes on. Must not run inside a transaction.

    The wish to send is committed first, as UNKNOWN; then the platform is called. An answer makes it PENDING; a
    time-out leaves it UNKNOWN, and the query job finds out. A second press while it is pending or unknown calls
    nobody and answers with what is known. What certainly did not happen takes the order back to where it was.

    Raises OrderOverError, and PlatformRefusedError when the platform certainly took no order.
    """
    intent = _claim(intent_id, now)
    if intent is None:
        return Started(Intent.objects.get(pk=intent_id), in_progress=True)
    failpoint("payments.start.claimed")
    try:
        instruction = get_gateway(intent.merchant).create_order(_make_order(intent, place))
    except GatewayError as error:
        return _not_started(intent, error, now)
    except DomainError:
        _take_back(intent)
        raise
    failpoint("payments.start.sent")
    return Started(_note_sent(intent, instruction), in_progress=False)


def give_up(*, intent_id: int, now: datetime) -> Intent:
    """Let go of an order so that another way of paying can be chosen: the platform is told to refuse it.

    Returns the intent, CLOSED, or PAID when the money was faster. Must not run inside a transaction.

    Raises PaymentInProgressError when the platform gives no certain answer.
    """
    intent = Intent.objects.select_related("merchant").get(pk=intent_id)
    if not intent.started_at or not intent.is_live:
        return drop_intent(intent_id=intent_id, now=now)
    try:
        get_gateway(intent.merchant).close_order(intent.number)
    except GatewayError as error:
        # An order the platform does not know may still be on its way there while its time lasts.
        if error.code is not ErrorCode.ABSENT or now < intent.expires_at:
            return _ask_instead(intent, now)
    settle(merchant=intent.merchant, result=PaymentResult(intent.number, PaymentState.CLOSED), now=now)
    intent.refresh_from_db()
    return intent


def _claim(intent_id: int, now: datetime) -> Intent | None:
    """Commit that the order is about to be sent, or return None when somebody else has."""
    with transaction.atomic():
        intent: Intent = (
            Intent.objects.select_for_update(of=("self",))
            .select_related("merchant", "community")
            .get(pk=intent_id)
        )
        if not intent.is_live or (intent.state == IntentState.CREATED and now >= intent.expires_at):
            raise OrderOverError()
        if not _may_be_sent(intent):
            return None
        intent.state, intent.started_at = IntentState.UNKNOWN, now
        intent.query_count, intent.next_query_at = 0, next_query_at(now, 0)
        intent.save(update_fields=["state", "started_at", "query_count", "next_query_at"])
        return intent


def _may_be_sent(intent: Intent) -> bool:
    """Whether nobody has sent the order, or the platform has it unpaid and its answer was lost on the way to us.

    The same order number again moves no money and brings the lost instruction.
    """
    return intent.state == IntentState.CREATED or (
        intent.state == IntentState.PENDING and not intent.instruction
    )


def _make_order(intent: Intent, place: PayerPlace) -> Order:
    path = reverse("payments:notice", args=[intent.merchant.gateway, intent.merchant.slug])
    return Order(
        number=intent.number,
        amount=intent.amount,
        subject=_("Property fees, %(community)s") % {"community": intent.community.name},
        scene=place.scene,
        notify_url=f"{settings.PUBLIC_URL}{path}",
        expires_at=intent.expires_at,
        return_url=place.return_url,
        payer_ip=place.ip,
        openid=place.openid,
    )


def _note_sent(intent: Intent, instruction: PayInstruction) -> Intent:
    """Keep the instruction; the state moves only from UNKNOWN, since the callback may have been faster."""
    unknown = When(state=IntentState.UNKNOWN, then=Value(IntentState.PENDING.value))
    Intent.objects.filter(pk=intent.pk).update(
        instruction={**asdict(instruction), "kind": instruction.kind.value},
        state=Case(unknown, default=F("state")),
    )
    intent.refresh_from_db()
    return intent


def _not_started(intent: Intent, error: GatewayError, now: datetime) -> Started:
    Intent.objects.filter(pk=intent.pk).update(last_word=f"{error.code} {error.platform_code}".strip())
    if error.unknown:
        intent.refresh_from_db()
        return Started(intent, in_progress=True)
    if error.code in (ErrorCode.PAID, ErrorCode.CLOSED, ErrorCode.STATE):
        return Started(query_intent(intent_id=intent.pk, now=now), in_progress=True)
    _take_back(intent)
    raise PlatformRefusedError from error


def _take_back(intent: Intent) -> None:
    """The order was certainly not sent: it may be sent again under the same number."""
    Intent.objects.filter(pk=intent.pk, state=IntentState.UNKNOWN).update(
        state=IntentState.CREATED, started_at=None, next_query_at=None
    )


def _ask_instead(intent: Intent, now: datetime) -> Intent:
    found = query_intent(intent_id=intent.pk, now=now)
    if found.is_live:
        raise PaymentInProgressError(found)
    return found
