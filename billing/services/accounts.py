"""Charge accounts follow the register: who pays for which unit from which day (DOMAIN-RULES §4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from billing.models import ChargeAccount
from estates.domain.city_packs import next_month_since
from estates.models import Community, Unit, UnitState

DEVELOPERS = [UnitState.UNSOLD.value, UnitState.NOT_HANDED_OVER.value]

# Who should pay, in spans: the developer until the hand-over, then whoever is marked as payer, else the first owner.
# The hand-over is looked at from the day on that is asked about, since nobody bills the years before. It counts from
# its own day or, where local rules say so, from the next month.
DESIRED = """
    WITH units AS (
        SELECT id, state = ANY(%(developers)s) AS is_developers,
               CASE WHEN handed_over_on >= %(next_month_since)s::date
                    THEN (date_trunc('month', handed_over_on) + interval '1 month')::date
                    ELSE handed_over_on END AS handed_over_on
        FROM estates_unit WHERE community_id = %(community)s AND (%(units)s::bigint[] IS NULL OR id = ANY(%(units)s))
    ), ties AS (
        SELECT o.unit_id, o.person_id, o.start, o."end", o.is_payer, o.id
        FROM estates_occupancy o JOIN units u ON u.id = o.unit_id
        WHERE NOT u.is_developers AND (o.is_payer OR o.role = 'owner')
    ), payers AS (
        SELECT unit_id, person_id, start, "end" FROM ties WHERE is_payer
        UNION ALL
        (SELECT DISTINCT ON (unit_id) unit_id, person_id, start, "end" FROM ties
         WHERE NOT EXISTS (SELECT FROM ties AS other WHERE other.unit_id = ties.unit_id AND other.is_payer)
         ORDER BY unit_id, start, id)
    ), desired AS (
        SELECT p.unit_id, p.person_id, greatest(p.start, u.handed_over_on) AS start, p."end"
        FROM payers p JOIN units u ON u.id = p.unit_id
        WHERE p."end" IS NULL OR p."end" > greatest(p.start, u.handed_over_on)
        UNION ALL
        SELECT id, %(developer)s::bigint, %(since)s::date, CASE WHEN NOT is_developers THEN handed_over_on END
        FROM units
        WHERE %(developer)s IS NOT NULL AND (is_developers OR handed_over_on > %(since)s::date)
    ), existing AS MATERIALIZED (
        SELECT id, unit_id, payer_id, start, "end" FROM billing_chargeaccount WHERE community_id = %(community)s
    )
"""

MISMATCHED = """
    SELECT coalesce(array_agg(DISTINCT d.unit_id), '{}') FROM desired d LEFT JOIN existing a
        ON a.unit_id = d.unit_id AND a.payer_id = d.person_id AND a.start <= d.start
        AND a."end" IS NOT DISTINCT FROM d."end"
    WHERE a.id IS NULL
"""

# An account of someone else ends where the new payer begins; one that should never have begun ends with the
# days asked about.
CLOSE = """
    UPDATE billing_chargeaccount a SET "end" = cut.day FROM (
        SELECT a.id, min(CASE WHEN d.start > a.start THEN d.start ELSE %(since)s::date END) AS day
        FROM existing a JOIN desired d ON d.unit_id = a.unit_id
        WHERE a.payer_id <> d.person_id
          AND daterange(a.start, a."end") && daterange(d.start, d."end")
        GROUP BY a.id
    ) AS cut WHERE cut.id = a.id AND cut.day > a.start
"""

ADJUST = """
    UPDATE billing_chargeaccount a SET "end" = d."end" FROM desired d
    WHERE d.unit_id = a.unit_id AND d.person_id = a.payer_id AND a."end" IS DISTINCT FROM d."end"
      AND daterange(a.start, a."end") && daterange(d.start, d."end")
"""

# Days before those first asked about: the account of the same payer begins earlier, unless somebody else's is there.
EXTEND = """
    UPDATE billing_chargeaccount a SET start = earlier.day FROM (
        SELECT a.id, greatest(d.start, max(others."end")) AS day
        FROM existing a
        JOIN desired d ON d.unit_id = a.unit_id AND d.person_id = a.payer_id AND d.start < a.start
            AND daterange(a.start, a."end") && daterange(d.start, d."end")
        LEFT JOIN existing others ON others.unit_id = a.unit_id AND others.start < a.start
        GROUP BY a.id, d.start
    ) AS earlier WHERE earlier.id = a.id AND earlier.day < a.start
"""

OPEN = """
    INSERT INTO billing_chargeaccount (community_id, unit_id, payer_id, start, "end")
    SELECT %(community)s, unit_id, person_id, start, "end" FROM (
        SELECT d.unit_id, d.person_id, d."end", greatest(d.start, max(a."end")) AS start
        FROM desired d LEFT JOIN existing a
            ON a.unit_id = d.unit_id AND a.payer_id <> d.person_id AND a.start <= d.start
        GROUP BY d.unit_id, d.person_id, d.start, d."end"
    ) AS missing
    WHERE ("end" IS NULL OR start < "end") AND NOT EXISTS (
        SELECT FROM existing a
        WHERE a.unit_id = missing.unit_id
          AND daterange(a.start, a."end") && daterange(missing.start, missing."end")
    )
    ORDER BY unit_id, start
"""


def move_beginning(unit: Unit, *, was: date | None, begins: date) -> None:
    """Let developer and owner meet on the day from which the owner pays by a hand-over that was written down late.

    `open_accounts` never takes days away from the beginning of an account; a hand-over does. ``was``: the day on record
    before, if any. A developer's account that should never have begun is left without days, for its bills.
    """
    accounts = ChargeAccount.objects.filter(unit=unit)
    developers = Q(payer=unit.community.developer_id)
    if was and was < begins:
        owners = accounts.filter(~developers, start__gte=was, start__lt=begins)
        owners.exclude(end__lte=begins).update(start=begins)
        accounts.filter(developers, end=was).update(end=begins)
    accounts.filter(developers, start__gte=begins).update(end=F("start"))


@dataclass(frozen=True)
class AccountChanges:
    """How many accounts were opened, closed, and given another first or last day."""

    opened: int
    closed: int
    adjusted: int


@transaction.atomic
def open_accounts(*, community: Community, as_of: date) -> AccountChanges:
    """Open, close and extend charge accounts so that they match the register from ``as_of`` on.

    The developer pays for what is unsold or not handed over; then the person marked as payer, else the first
    owner. A unit without any of them has no account: the run parks it. Accounts of earlier payers keep their
    days and their debts. Doing it twice changes nothing. The community's row is locked, so two runs do not
    open accounts at once.
    """
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    values: dict[str, Any] = {
        "community": community.pk,
        "developer": community.developer_id,
        "developers": DEVELOPERS,
        "since": as_of,
        "next_month_since": next_month_since(community.city_pack),
    }
    with connection.cursor() as cursor:
        cursor.execute(DESIRED + MISMATCHED, {**values, "units": None})
        values["units"] = cursor.fetchall()[0][0]
        changes = []
        # Days are given up before others take them: the exclusion constraint looks after each
        # statement, not at COMMIT.
        for step in (CLOSE, EXTEND, ADJUST, OPEN) if values["units"] else ():
            cursor.execute(DESIRED + step, values)
            changes.append(cursor.rowcount)
    closed, extended, adjusted, opened = changes or (0, 0, 0, 0)
    return AccountChanges(opened, closed, extended + adjusted)
