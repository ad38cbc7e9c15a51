"""Why somebody decided as they did: a sentence that requests and refusals may not go without."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import InvalidError


class ReasonMissingError(InvalidError):
    """A request without a reason, or a refusal without one."""

    code = "reason_missing"
    message = _("Please say why.")


def require_reason(text: str) -> str:
    """Return the text without the blanks around it. Raises ReasonMissingError where nothing is left."""
    if not text.strip():
        raise ReasonMissingError()
    return text.strip()
