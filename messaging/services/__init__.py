"""Writes: planning messages, and sending what is planned and still right."""

from messaging.services.delivery import deliver
from messaging.services.opening import note_opened
from messaging.services.planning import MessagePlan, plan_messages, replan_message, withdraw_messages

__all__ = ["MessagePlan", "deliver", "note_opened", "plan_messages", "replan_message", "withdraw_messages"]
