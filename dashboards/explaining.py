"""怎么算: for every figure its definition, its formula with the numbers in it, and the rows it is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pandas as pd
from django.utils.translation import gettext as _

from core.figures import format_money, format_number, format_rate
from core.money import to_yuan
from dashboards.domain.ageing import is_in_bucket
from dashboards.selectors.overview import Overview
from dashboards.tables import NONE, Table, ageing_table, kinds_table, months_table


@dataclass(frozen=True)
class Step:
    """A line of the working: a name and a figure; the last one is the result."""

    name: str
    text: str


@dataclass(frozen=True)
class Explained:
    """A figure told: what it means, how it is computed, and a table of what is summed, where there is one."""

    title: str
    meaning: str
    steps: list[Step]
    table: Table | None = None


def explain_collection(overview: Overview) -> Explained:
    """The current collection rate."""
    now = overview.now
    return Explained(
        _("Current collection rate"),
        _(
            "Of what the month's bills ask for, the part that has been paid by the day. Receivable is billed less"
            " waived; a bill belongs to the month it is for, whenever it is paid. A refund counts on its day."
        ),
        [
            Step(_("Receivable: bills of the month, less waivers"), _money(now.receivable)),
            Step(_("Received on them"), _money(now.received)),
            Step(_("Received ÷ receivable"), _rate(now.collection_rate)),
        ],
    )


def explain_recovery(overview: Overview) -> Explained:
    """The recovery rate."""
    now = overview.now
    return Explained(
        _("Recovery rate"),
        _(
            "Of the old debt, the part that came in during the month. Old debt is what was open on bills of earlier"
            " months: what was recovered from the first of the month to the day, and what is still open."
        ),
        [
            Step(_("Recovered in the month on earlier bills"), _money(now.recovered)),
            Step(_("Still open on earlier bills"), _money(now.old_open)),
            Step(_("Recovered ÷ (recovered + still open)"), _rate(now.recovery_rate)),
        ],
    )


def explain_households(overview: Overview) -> Explained:
    """The household rate."""
    now = overview.now
    return Explained(
        _("Household rate"),
        _(
            "Of the households billed for the month, those that owe nothing at all. A household is a dwelling, a shop"
            " or an office: rooms are counted, not accounts. Who has paid something and still owes something has"
            " not fully paid."
        ),
        [
            Step(_("Households with a bill for the month"), format_number(now.billed_households)),
            Step(_("of them without anything open"), format_number(now.paid_households)),
            Step(_("Paid ÷ billed"), _rate(now.household_rate)),
        ],
    )


def explain_arrears(overview: Overview) -> Explained:
    """Arrears and households in arrears."""
    now = overview.now
    return Explained(
        _("Arrears"),
        _(
            "What is open on bills whose due day has passed. Bills that are not due yet are not in arrears, and are"
            " shown apart. Households are dwellings, shops and offices; parking and storage spaces add to the"
            " amount, but are no households."
        ),
        [
            Step(_("On bills of the month"), _money(now.arrears_current)),
            Step(_("On earlier bills"), _money(now.arrears - now.arrears_current)),
            Step(_("Open, but not yet due (not counted)"), _money(now.not_due)),
            Step(_("Households in arrears"), format_number(now.arrears_households)),
            Step(_("Parking and storage spaces in arrears"), format_number(now.arrears_spaces)),
            Step(_("Arrears"), _money(now.arrears)),
        ],
    )


def explain_months(overview: Overview) -> Explained:
    """The line over twelve months."""
    latest = overview.months[-1]
    return Explained(
        _("Current collection rate, last 12 months"),
        _(
            "Each month is read on the same day of the month, so that a running month is compared with what others"
            " had reached by that day. A month that is over is compared with whole months."
        ),
        [
            Step(_("Receivable this month"), _money(latest.receivable)),
            Step(_("Received by the day"), _money(latest.received)),
            Step(_("Received ÷ receivable"), _rate(latest.collection_rate)),
        ],
        months_table([*overview.year_ago, *overview.months]),
    )


def explain_ageing(overview: Overview) -> Explained:
    """The age of arrears."""
    return Explained(
        _("How long arrears have been owed"),
        _(
            "Days are counted from the day after the due day. An amount stands at the age of its own bill; a"
            " household is counted once, at the age of its oldest bill."
        ),
        [Step(_("Arrears"), _money(overview.now.arrears))],
        ageing_table(overview.ageing, overview.now),
    )


def explain_kinds(overview: Overview) -> Explained:
    """The figures by kind of unit."""
    return Explained(
        _("Arrears by kind of unit"),
        _("The same figures as on the overview, summed by the kind that stands in the register."),
        [Step(_("Arrears"), _money(overview.now.arrears))],
        kinds_table(overview),
    )


def explain_contrasts(overview: Overview) -> Explained:
    """What the page found by itself."""
    return Explained(
        _("What stands out"),
        _(
            "Top floors, kinds of units, and the units of one kind in one building are each compared with all other"
            " households: is the share in arrears higher by more than three standard errors? Groups under 8"
            " households are left out. It is a place to go and look, never a judgement of people."
        ),
        [
            Step(_("Households in arrears"), format_number(overview.now.arrears_households)),
            Step(_("Groups that stand out"), format_number(len(overview.contrasts))),
        ],
    )


EXPLAINED: dict[str, Callable[[Overview], Explained]] = {
    "collection": explain_collection,
    "recovery": explain_recovery,
    "households": explain_households,
    "arrears": explain_arrears,
    "months": explain_months,
    "ageing": explain_ageing,
    "kinds": explain_kinds,
    "contrasts": explain_contrasts,
}


def rows_behind(figure: str, units: pd.DataFrame, *, bucket: int | None = None) -> pd.DataFrame:
    """Return the units a figure is a sum of, the largest debts first where it is about debts.

    `bucket` keeps the households of one step of age, counted from 0.
    """
    match figure:
        case "collection" | "months":
            return units[units["receivable"] != 0]
        case "recovery":
            return units[(units["recovered"] != 0) | (units["old_open"] != 0)]
        case "households":
            return units[units["billed_households"] > 0]
        case _:
            owing = units[units["arrears"] > 0]
            if bucket is not None:
                owing = owing[is_in_bucket(owing["oldest_days"], bucket)]
            return owing.sort_values("arrears", ascending=False, kind="stable")


def _money(fen: int) -> str:
    return format_money(to_yuan(fen))


def _rate(share: Decimal | None) -> str:
    return NONE if share is None else format_rate(share)
