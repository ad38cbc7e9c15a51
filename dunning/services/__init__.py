"""Writes of dunning."""

from dunning.services.reminders import plan_reminders_of

__all__ = ["plan_reminders_of"]
