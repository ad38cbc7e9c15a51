"""The states a bill can be in for its reader: a shape, a word and a colour, never colour alone (docs/look.md §4).

Keys are the CSS classes. Owner and staff read different words for the same fact.
"""

from django.utils.translation import npgettext, pgettext

ICONS = {
    "due": "i-due",
    "overdue": "i-over",
    "paid": "i-paid",
    "held": "i-hold",
    "plan": "i-plan",
    "disputed": "i-disputed",
    "confirming": "i-wait",
    "unknown": "i-wait",
    "failed": "i-failed",
}


def word_for_owner(name: str, *, days: int | None = None, instalment: int | None = None) -> str:
    """Say a state to the owner: `待交，还有 8 天`, `过了 12 天`, `分期中，第 2 期`.

    `days` counts to the due day when due, since it when overdue; `instalment` is the instalment in turn.
    Raises KeyError for a state that does not exist.
    """
    if name == "due":
        return _word_due(days)
    if name == "overdue" and days:
        return npgettext("bill state", "%(days)s day past", "%(days)s days past", days) % {"days": days}
    if name == "plan" and instalment:
        return pgettext("bill state", "By instalments, no. %(number)s") % {"number": instalment}
    return {
        "overdue": pgettext("bill state", "Past its day"),
        "paid": pgettext("bill state", "Paid in full"),
        "held": pgettext("bill state", "Set aside for now"),
        "plan": pgettext("bill state", "By instalments"),
        "disputed": pgettext("bill state", "You asked; we are checking"),
        "confirming": pgettext("bill state", "Being confirmed"),
        "unknown": pgettext("bill state", "Waiting for the bank"),
        "failed": pgettext("bill state", "Did not go through"),
    }[name]


def word_for_staff(name: str, *, days: int | None = None) -> str:
    """Say a state to staff: `待交`, `逾期 12 天`, `暂停催缴`. Raises KeyError for an unknown state."""
    if name == "overdue" and days:
        return npgettext("bill state", "%(days)s day overdue", "%(days)s days overdue", days) % {"days": days}
    return {
        "due": pgettext("bill state", "Due"),
        "overdue": pgettext("bill state", "Overdue"),
        "paid": pgettext("bill state", "Paid"),
        "held": pgettext("bill state", "Dunning on hold"),
        "plan": pgettext("bill state", "Instalment plan"),
        "disputed": pgettext("bill state", "Disputed"),
        "confirming": pgettext("bill state", "To be confirmed"),
        "unknown": pgettext("bill state", "Unknown"),
        "failed": pgettext("bill state", "Failed"),
    }[name]


def _word_due(days: int | None) -> str:
    if days is None:
        return pgettext("bill state", "To pay")
    if days == 0:
        return pgettext("bill state", "To pay, today is the day")
    return npgettext("bill state", "To pay, %(days)s day left", "To pay, %(days)s days left", days) % {
        "days": days
    }
