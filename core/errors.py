"""What can go wrong by the rules of the business, as exceptions and as values.

A *domain error* stops one act and says why in words a person understands. A *problem* is a finding among many
(a bad row of an import, an account that cannot be billed): it is collected, shown and counted, never raised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Problem:
    """One finding: a stable `code` for programs, a sentence for people, and where it was found.

    `where` holds coordinates such as sheet, row, column, value, unit or account. A problem that blocks
    keeps its row from being used; one that does not is a remark.
    """

    code: str
    message: str
    where: Mapping[str, str | int] = field(default_factory=dict)
    blocks: bool = True

    def as_dict(self) -> dict[str, Any]:
        """Return the flat JSON form: the coordinates first, then code, message and blocks."""
        return {**self.where, "code": self.code, "message": str(self.message), "blocks": self.blocks}


class DomainError(Exception):
    """An act refused by a rule. Subclasses sit beside the function that raises them.

    A subclass sets `code` (stable, for programs), `status` (HTTP) and `message` (a translatable sentence);
    the constructor may give a better sentence, and the problems that led to the refusal.
    """

    code: str = "refused"
    status: int = 409
    message: "str | StrPromise" = _("This is not possible right now.")

    def __init__(
        self, message: "str | StrPromise" = "", *, code: str = "", problems: Sequence[Problem] = ()
    ) -> None:
        self.message = message or self.message
        self.code = code or self.code
        self.problems = tuple(problems)
        super().__init__(self.code, self.message)

    def __str__(self) -> str:
        return str(self.message)


class NotFoundError(DomainError):
    """The thing does not exist, or not for this person: both answer the same (S-01)."""

    code = "not_found"
    status = 404
    message: "str | StrPromise" = _("We could not find this.")


class ConflictError(DomainError):
    """The thing has changed or is in a state that does not allow the act."""

    code = "conflict"


class InvalidError(DomainError):
    """The input breaks a rule, whatever the state of things."""

    code = "invalid"
    status = 422
    message: "str | StrPromise" = _("Something in the input is not right.")
