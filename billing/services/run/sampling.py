"""A person works out some bills of a run by hand and signs what came of it into the run."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from billing.models import BillRun, RunSample
from billing.selectors.runs import find_random_bills
from core import audit
from core.errors import ConflictError, DomainError


class NothingToSampleError(ConflictError):
    """The run has no bills that count."""

    code = "billing.nothing_to_sample"
    message = _("This run has no bills to draw from yet.")


class SampleSignedError(ConflictError):
    """What was signed stays; another look is another sample."""

    code = "billing.sample_signed"
    message = _("This sample has been signed already. Draw a new one.")


class NoReasonGivenError(DomainError):
    """A sample with a wrong bill in it says what is wrong."""

    code = "billing.no_reason_given"
    status = 422
    message = _("A bill was not ticked: write what is wrong with it.")


@transaction.atomic
def draw_sample(*, run: BillRun, count: int, seed: str, now: datetime, by: Any) -> RunSample:
    """Draw so many bills of a run, those the seed says, and keep the draw. Raises NothingToSampleError."""
    bill_ids = find_random_bills(run, seed, count)
    if not bill_ids:
        raise NothingToSampleError()
    sample = RunSample.objects.create(run=run, seed=seed, bill_ids=bill_ids, drawn_by=str(by), drawn_at=now)
    audit.record(
        action="billing.draw_sample",
        target=sample,
        by=by,
        community_id=run.community_id,
        after={"run": run.pk, "seed": seed, "bills": bill_ids},
    )
    return sample


@transaction.atomic
def sign_sample(
    *, sample: RunSample, right_ids: Collection[int], note: str, now: datetime, by: Any
) -> RunSample:
    """Sign the result of a check by hand into the run: right when every bill drawn was found right.

    Raises SampleSignedError, NoReasonGivenError.
    """
    sample = RunSample.objects.select_for_update(of=("self",)).select_related("run").get(pk=sample.pk)
    if sample.signed_at:
        raise SampleSignedError()
    sample.right_ids = [bill_id for bill_id in sample.bill_ids if bill_id in set(right_ids)]
    sample.is_right = sample.right_ids == sample.bill_ids
    if not sample.is_right and not note.strip():
        raise NoReasonGivenError()
    sample.note, sample.signed_by, sample.signed_at = note.strip(), str(by), now
    sample.save(update_fields=["right_ids", "is_right", "note", "signed_by", "signed_at"])
    audit.record(
        action="billing.sign_sample",
        target=sample,
        by=by,
        community_id=sample.run.community_id,
        after={
            "run": sample.run_id,
            "seed": sample.seed,
            "right": sample.right_ids,
            "is_right": sample.is_right,
        },
        reason=sample.note,
    )
    return sample
