"""What staff do with people's contacts."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import audit
from estates.models import Person


@dataclass(frozen=True)
class Contact:
    """A person's contact in full."""

    phone: str
    id_number: str


def reveal_contact(*, person: Person, reason: str, by: Any) -> Contact:
    """Return a person's full phone and ID number; who saw it and why goes into the audit trail first."""
    with transaction.atomic():
        community_id = person.occupancies.values_list("unit__community_id", flat=True).first()
        audit.record(
            action="estates.reveal_contact", target=person, by=by, community_id=community_id, reason=reason
        )
    return Contact(person.phone, person.id_number)
