"""Small forms of the meter pages: which figures each act asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.forms import DayInput
from estates.domain.reading_rows import LARGEST, LONGEST_NOTE
from estates.models import CheckOutcome, FaultKind

MOVE_TITLES: Mapping[str, Promise] = {
    CheckOutcome.CONFIRMED: _("It is right"),
    CheckOutcome.CORRECTED: _("Another value was meant"),
    CheckOutcome.ESTIMATED: _("Estimate it"),
    CheckOutcome.SWAPPED: _("The meter was changed"),
    CheckOutcome.TURNED: _("The dial has passed its top"),
    CheckOutcome.MISREAD: _("The recorded reading was wrong"),
    CheckOutcome.FAULTY: _("The meter is faulty"),
    CheckOutcome.OPENED: _("Give the opening value"),
    CheckOutcome.DROPPED: _("Leave it out"),
}
MOVE_FIELDS: Mapping[str, Sequence[str]] = {
    CheckOutcome.CONFIRMED: ("note",),
    CheckOutcome.CORRECTED: ("value", "note"),
    CheckOutcome.ESTIMATED: ("guess", "note"),
    CheckOutcome.SWAPPED: ("on", "old_closing", "new_opening", "multiplier", "note"),
    CheckOutcome.TURNED: ("note",),
    CheckOutcome.MISREAD: ("note",),
    CheckOutcome.FAULTY: ("fault", "note"),
    CheckOutcome.OPENED: ("on", "value", "source"),
    CheckOutcome.DROPPED: ("reason",),
}
ACT_TITLES: Mapping[str, Promise] = {
    "estimate": _("Record an estimate"),
    "swap": _("Record a changed meter"),
    "fault": _("Record a fault"),
    "end_fault": _("The fault has ended"),
    "opening": _("Give the opening value"),
}
ACT_FIELDS: Mapping[str, Sequence[str]] = {
    "estimate": ("on", "guess", "shown", "note"),
    "swap": ("on", "old_closing", "new_opening", "multiplier", "note"),
    "fault": ("on", "fault", "reason"),
    "end_fault": ("on", "value", "note"),
    "opening": ("on", "value", "source"),
}


def _figure(label: Any, *, required: bool = True, text: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=0, max_value=LARGEST - 1, decimal_places=4, help_text=text
    )


class ActForm(forms.Form):
    """The figures of one act; only the named fields are asked for."""

    on = forms.DateField(label=_("day"), widget=DayInput())
    value = _figure(_("value"))
    guess = _figure(_("value"), required=False, text=_("Leave it empty: the meter's own history is used."))
    shown = _figure(
        _("what a meter that runs backwards shows"),
        required=False,
        text=_("Only for meters that count backwards."),
    )
    old_closing = _figure(_("last value of the old instrument"))
    new_opening = _figure(_("first value of the new instrument"))
    multiplier = _figure(_("multiplier"), required=False, text=_("Leave it empty if it stays."))
    fault = forms.ChoiceField(label=_("fault"), choices=FaultKind.choices)
    source = forms.CharField(
        label=_("where the value is known from"),
        max_length=50,
        help_text=_("The hand-over sheet, for example."),
    )
    reason = forms.CharField(label=_("reason"), max_length=LONGEST_NOTE)
    note = forms.CharField(label=_("note"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, names: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        for name in set(self.fields) - set(names):
            del self.fields[name]
        self.order_fields(list(names))
