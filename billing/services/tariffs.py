"""Takes tariff files in: fee items, their versions, and how new items enter the books."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from billing import wording
from billing.domain.tariff_plan import HeldItem, TariffPlan, Terms, VersionKey, plan_tariffs
from billing.domain.tariff_rows import read_tariffs
from billing.models import FeeItem, PostingProfile, TariffVersion
from billing.models.tariffs import FeeCycle, Timing, Treatment
from billing.selectors.tariffs import get_held_tariffs, get_known_scopes
from core import audit
from core.errors import InvalidError, Problem
from core.tables.reader import OpenedFile
from core.tables.wording import problem_of, problems_of
from estates.models import Community
from ledger import chart
from ledger.services import open_books, open_revenue_account

SINCE_EVER = date(2000, 1, 1)
RANK_STEP = 10
PROPERTY_FEE = re.compile(r"物业|wuye|property", re.IGNORECASE)
PASSED_ON = re.compile(r"水费|电费|水电|燃气|煤气|天然气|取暖|供暖|采暖|暖气|热费|维修资金")
CODELESS = re.compile(r"[^\w.\-]")
VERSION_FACTS = ("applies_to", "method", "price", "formula", "rounding", "start", "end")
ITEM_FACTS = ("name", "rank", "tax_rate", "tax_code")
FATES = ("created", "updated", "unchanged", "rejected")


class NoTariffsError(InvalidError):
    """The file can be read, but no sheet of it is a table of tariffs."""

    code = "no_table"


@dataclass(frozen=True)
class TariffOutcome:
    """What an import did, or a preview would do: rows by fate, and findings in the order of the file."""

    plan: TariffPlan
    problems: Sequence[Problem]

    def as_dict(self) -> dict[str, Any]:
        """Return the result in the form of the commands' contract."""
        return {**{fate: self.plan.counts[fate] for fate in FATES}, "problems": list(self.problems)}


def preview_tariffs(*, community: Community, file: OpenedFile) -> TariffOutcome:
    """Return what an import of the file would do, and write nothing.

    Raises:
        NoTariffsError: no sheet holds a table of tariffs.
    """
    return _read(community, file)


@transaction.atomic
def import_tariffs(*, community: Community, file: OpenedFile, by: Any) -> TariffOutcome:
    """Take the good rows of a tariff file in; bad rows are reported and left out.

    The same file twice changes nothing the second time. Imports of one community wait for one another.

    Raises:
        NoTariffsError: no sheet holds a table of tariffs.
    """
    Community.objects.select_for_update(no_key=True).get(pk=community.pk)
    outcome = _read(community, file)
    open_books(company=community.company)
    items = _write_items(community, outcome.plan)
    _write_versions(items, outcome.plan)
    _audit(community, outcome, file, by)
    return outcome


def _read(community: Community, file: OpenedFile) -> TariffOutcome:
    rows, remarks = read_tariffs(file.sheets, get_known_scopes(community))
    if not rows:
        problems = [problem_of(finding, wording.TARIFFS) for finding in remarks]
        raise NoTariffsError(str(wording.TARIFFS["no_table"]), problems=problems)
    plan = plan_tariffs(rows, get_held_tariffs(community))
    findings = [*remarks, *(finding for row in rows for finding in row.row.findings)]
    return TariffOutcome(plan, problems_of(findings, wording.TARIFFS))


def _write_items(community: Community, plan: TariffPlan) -> dict[str, FeeItem]:
    """Make new fee items, change known ones, and return all items of the community by code."""
    items = {item.code: item for item in community.fee_items.all()}
    rank = max((item.rank for item in items.values()), default=0)
    for code, said in plan.items.items():
        if code in items:
            FeeItem.objects.filter(pk=items[code].pk).update(
                name=said.name, cycle=said.cycle, timing=said.timing, counted_from=said.counted_from
            )
            continue
        rank += RANK_STEP
        items[code] = FeeItem.objects.create(
            community=community,
            code=code,
            name=said.name,
            cycle=said.cycle,
            timing=said.timing,
            counted_from=said.counted_from,
            rank=rank,
            honours_vacancy=bool(PROPERTY_FEE.search(f"{code} {said.name}")),
        )
        _open_posting_profile(items[code], said, _methods_of(code, plan))
    return items


@transaction.atomic
def create_fee_item(*, community: Community, name: str) -> FeeItem:
    """Make a fee item of this name that nothing is charged for yet, known by its name; the last of the bill."""
    rank = max(community.fee_items.values_list("rank", flat=True), default=0) + RANK_STEP
    item = FeeItem.objects.create(
        community=community,
        code=CODELESS.sub("-", name)[:30],
        name=name,
        cycle=FeeCycle.MONTH,
        timing=Timing.ARREARS,
        rank=rank,
    )
    _open_posting_profile(item, HeldItem(name, item.cycle, item.timing), set())
    return item


def _methods_of(code: str, plan: TariffPlan) -> set[str]:
    return {terms.method for key, terms in plan.created.items() if key.code == code}


def _open_posting_profile(item: FeeItem, said: HeldItem, methods: set[str]) -> None:
    treatment = default_treatment(said, methods)
    codes = {Treatment.AHEAD: chart.CONTRACT_LIABILITY, Treatment.ON_BEHALF: chart.ON_BEHALF}
    company = item.community.company
    code = codes.get(treatment) or open_revenue_account(company=company, name=item.name)
    PostingProfile.objects.create(fee_item=item, treatment=treatment, ledger_code=code, start=SINCE_EVER)


def default_treatment(item: HeldItem, methods: Iterable[str]) -> Treatment:
    """Return how a new fee item enters the books until finance says otherwise (DOMAIN-RULES 4.1).

    Water, electricity, gas and heat, metered, pooled or by name, are collected on behalf of their suppliers;
    what is billed ahead for more than a month is owed in service; the rest is income.
    """
    if PASSED_ON.search(item.name) or not {"meter", "tiers", "pool"}.isdisjoint(methods):
        return Treatment.ON_BEHALF
    ahead = item.timing == "advance" and item.cycle != "month"
    return Treatment.AHEAD if ahead else Treatment.INCOME


def _write_versions(items: Mapping[str, FeeItem], plan: TariffPlan) -> None:
    """Change known versions first: one that now ends earlier makes room for the new one behind it."""
    for key, terms in plan.updated.items():
        held = TariffVersion.objects.filter(
            fee_item=items[key.code], applies_to=key.applies_to, start=key.start
        )
        held.update(**_columns(terms))
    TariffVersion.objects.bulk_create(
        TariffVersion(fee_item=items[key.code], applies_to=key.applies_to, start=key.start, **_columns(terms))
        for key, terms in plan.created.items()
    )


def _columns(terms: Terms) -> dict[str, Any]:
    return {
        "method": terms.method,
        "price": terms.priced.price,
        "formula": dict(terms.priced.formula),
        "rounding": terms.rounding,
        "end": terms.end,
    }


def _audit(community: Community, outcome: TariffOutcome, file: OpenedFile, by: Any) -> None:
    plan = outcome.plan
    if not (plan.items or plan.created or plan.updated):
        return
    written = {**plan.created, **plan.updated}
    audit.record(
        action="billing.import_tariffs",
        target=community,
        by=by,
        community_id=community.pk,
        after={_label(key): {**_columns(terms), "end": terms.end} for key, terms in written.items()},
        reason=file.name,
    )


def _label(key: VersionKey) -> str:
    return f"{key.code} {key.applies_to} {key.start}"


@transaction.atomic
def keep_version(*, version: TariffVersion, by: Any) -> TariffVersion:
    """Write a version that a person typed in, new or changed. Past bills keep what they were computed from.

    Two versions of one scope that overlap are refused by the database whatever the form has let pass.
    """
    before = TariffVersion.objects.filter(pk=version.pk).values(*VERSION_FACTS).first()
    version.save()
    audit.record(
        action="billing.keep_tariff_version",
        target=version,
        by=by,
        community_id=version.fee_item.community_id,
        before=before,
        after={name: getattr(version, name) for name in VERSION_FACTS},
    )
    return version


@transaction.atomic
def change_fee_item(*, item: FeeItem, changed: Sequence[str], by: Any) -> FeeItem:
    """Change name, rank, tax rate or tax category of a fee item."""
    names = [name for name in changed if name in ITEM_FACTS]
    before = FeeItem.objects.filter(pk=item.pk).values(*ITEM_FACTS).get()
    if names:
        item.save(update_fields=names)
        audit.record(
            action="billing.change_fee_item",
            target=item,
            by=by,
            community_id=item.community_id,
            before={name: before[name] for name in names},
            after={name: getattr(item, name) for name in names},
        )
    return item
