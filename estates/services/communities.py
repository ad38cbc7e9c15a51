"""Opens communities."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, events
from core.errors import ConflictError, InvalidError
from estates.models import Community, Company


def create_community(*, code: str, name: str, by: Any, company: Company | None = None) -> Community:
    """Create a community of a company; without one named, of the only company, which is made when there is none.

    Publishes `estates.community_created`.

    Raises:
        ConflictError: the code is taken.
        InvalidError: no company is named and there are several.
    """
    with transaction.atomic():
        if Community.objects.filter(code=code).exists():
            raise ConflictError(
                _("There is a community “%(code)s” already.") % {"code": code}, code="code_taken"
            )
        community = Community.objects.create(company=company or _only_company(name), code=code, name=name)
        audit.record(
            action="estates.create_community",
            target=community,
            by=by,
            community_id=community.pk,
            after={"name": name},
        )
        events.publish("estates.community_created", community_id=community.pk)
    return community


def _only_company(name: str) -> Company:
    companies = list(Company.objects.order_by("pk")[:2])
    if len(companies) > 1:
        raise InvalidError(
            _("There are several companies; name the one that runs “%(name)s”.") % {"name": name}
        )
    return (
        companies[0]
        if companies
        else Company.objects.create(name=_("%(name)s property office") % {"name": name})
    )
