"""Forms of the register's staff pages."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from core.forms import DayInput
from core.phones import mask_phone, normalise_phone
from core.staff import FilePicker
from estates.models import Community, HandOver, Person, Unit
from estates.selectors import list_units
from estates.services.hand_overs import RefusalWithoutReasonError


class OfCommunityForm(forms.Form):
    """A form about one of the communities a person works in."""

    community = forms.ModelChoiceField(Community.objects.none(), label=_("Community"), empty_label=None)

    def __init__(self, *args: Any, user: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""
        self.fields["community"].queryset = Community.objects.visible_to(user)  # type: ignore[attr-defined]


class UnitField(forms.CharField):
    """A unit by its code in the register, among those a person may see; cleaned to the unit."""

    def __init__(self, **options: Any) -> None:
        help_text = _("As in the register: 8-2-301.")
        super().__init__(**{"label": _("unit"), "max_length": 40, "help_text": help_text, **options})
        self.units: QuerySet[Unit] = Unit.objects.none()

    def offer(self, user: Any) -> None:
        """Say whose units may be named."""
        self.units = list_units(user)

    def clean(self, value: Any) -> Unit:
        """Return the unit.

        Raises:
            ValidationError: none has the code, or units of several communities have it.
        """
        units: list[Unit] = list(self.units.filter(code=super().clean(value).strip())[:2])
        if len(units) != 1:
            raise forms.ValidationError(_("There is no such unit, or several communities have it."))
        return units[0]


class TableUploadForm(OfCommunityForm):
    """Which file, for which community."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "Excel (.xlsx, .xls) or .csv, 20 MB at most. The head may stand in any of the first 15 lines."
        ),
        widget=FilePicker(attrs={"accept": ".xlsx,.xls,.csv"}),
    )


class RevealForm(forms.Form):
    """Why somebody needs to see a person's full contact."""

    reason = forms.CharField(
        label=_("What do you need it for?"),
        max_length=200,
        help_text=_("The reason goes into the audit trail."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.label_suffix = ""


class _BlankInput(UnfoldAdminTextInputWidget):
    """An input that never shows what is stored."""

    def format_value(self, value: Any) -> str:
        return ""


class _KeptField(forms.CharField):
    """A field whose blank keeps what is stored."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data) and data != initial


class PersonForm(forms.ModelForm):
    """A person's details; the phone is shown masked, and a blank keeps it."""

    phone = _KeptField(label=_("new phone"), required=False, widget=_BlankInput())

    class Meta:
        model = Person
        fields = ("name", "kind", "phone", "email", "contact_source", "lives_alone_elderly")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "phone" in self.fields:
            self.fields["phone"].widget.attrs["placeholder"] = mask_phone(self.instance.phone)

    def clean_phone(self) -> str:
        """Return the new phone in its stored form, or the old one.

        Raises:
            ValidationError: it is no telephone number.
        """
        given = self.cleaned_data["phone"]
        phone = normalise_phone(given) if given else self.instance.phone
        if phone is None:
            raise forms.ValidationError(_("This is not a telephone number. A mobile number has 11 digits."))
        return phone


class HandOverForm(forms.ModelForm):
    """The day a unit was handed over, or on which its owner refused to take it and why that counts."""

    class Meta:
        model = HandOver
        fields = ("on", "was_refused", "reason")
        widgets = {"on": DayInput()}
        help_texts = {
            "was_refused": _("Without good reason it counts as handed over all the same."),
            "reason": _("Of a refusal: what was offered, when, and how the owner was told."),
        }

    def clean(self) -> dict[str, Any]:
        """Ask a refusal for its reason, beside the field it belongs into."""
        cleaned = super().clean() or {}
        if cleaned.get("was_refused") and not cleaned.get("reason"):
            self.add_error("reason", str(RefusalWithoutReasonError()))
        return cleaned
