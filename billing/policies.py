"""Billing's part of a community's settings page, and that of the layers below it."""

from __future__ import annotations

from datetime import time
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from billing.domain.court_view import weigh_terms
from billing.models import BillingPolicy, CorrectionPolicy, LateFeePolicy, RunSchedule, Tolerance
from billing.pages.late_fees import tell_yardsticks
from billing.selectors.disclosure import DisclosureDuty
from billing.selectors.late_fee_policies import get_lending_rates
from core.figures import format_date
from core.forms import DayInput, FigureInput
from core.policies import Section, VersionForm, newest_of, register_section, row_of
from estates.domain.city_packs import PACKS, Topic, find_rule
from estates.models import Community, Company, UnitKind, VacancyPolicy
from messaging.models import ContactPolicy

MORNING, NIGHT = time(8, 0), time(22, 0)
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class CommunityForm(forms.ModelForm):
    """What letters and pages say about the community, and who looks after it."""

    class Meta:
        model = Community
        fields = ["name", "city", "address", "steward_name", "service_phone", "service_hours"]
        labels = {"name": _("name of the community")}


TOPICS = {
    Topic.HAND_OVER: _("the owner pays"),
    Topic.VACANCY: _("vacant units"),
    Topic.PREPAYMENT: _("prepayment"),
    Topic.DISCLOSURE: _("disclosure of shared costs"),
    Topic.NAMING: _("naming debtors"),
}
RULES = {
    "from_day": _("from the day of the hand-over"),
    "next_month": _("from the month after the hand-over"),
    "full": _("owe the full fee"),
    "by_contract": _("owe what the contract says"),
    "reduced": _("owe less after six months, by application"),
    "at_most_60": _("owe 60 % at most after six months, early in the contract"),
    "no_cap": _("as agreed"),
    "12_months": _("12 months at most"),
    "12_months_and_contract": _("12 months at most, and not beyond the contract"),
    "no_cycle": _("at regular times"),
    "each_cycle": _("every cycle"),
    "yearly": _("every year"),
    "first_quarter": _("every year in the first quarter"),
    "not_named": _("not allowed without consent"),
    "room_number": _("allowed by room number"),
}


def tell_duty(duty: DisclosureDuty) -> str:
    """Say when shared costs are to be disclosed by the local rule, until which day, and where that is written."""
    words = {"cycle": RULES[duty.rule.value], "article": duty.rule.article}
    if duty.by is None:
        return _("Shared costs are disclosed %(cycle)s (%(article)s).") % words
    text = _("Shared costs are disclosed %(cycle)s, the newest of these by %(day)s (%(article)s).")
    return text % {**words, "day": format_date(duty.by)}


class LocalRule(NamedTuple):
    """What the local rules say on a topic, and where it stands."""

    topic: str | Promise
    text: str | Promise
    article: str


class CityPackForm(forms.ModelForm):
    """Which local rules hold; what they say on each topic is law, so it is told beside the choice and not asked for."""

    city_pack = forms.ChoiceField(
        label=_("local rules"),
        required=False,
        choices=[(pack.code, pack.name) for pack in PACKS.values()],
        help_text=_("The regulation of the city or province; where it is silent, national law."),
    )

    class Meta:
        model = Community
        fields = ["city_pack"]

    def told(self) -> list[LocalRule]:
        """What holds today, topic by topic."""
        today = timezone.localdate()
        rules = ((label, find_rule(self.instance.city_pack, topic, today)) for topic, label in TOPICS.items())
        return [LocalRule(label, RULES[rule.value], rule.article) for label, rule in rules]


class CompanyForm(forms.ModelForm):
    """Who bills, and the bank account that stands on bills; the same for all its communities."""

    class Meta:
        model = Company
        fields = ["name", "credit_code", "address", "phone", "bank_name", "bank_account"]
        labels = {"name": _("name of the company")}


class BillingPolicyForm(forms.ModelForm):
    """When bills fall due, and what they count by."""

    class Meta:
        model = BillingPolicy
        fields = ["due_after_days", "rounding", "proration"]


class RunScheduleForm(VersionForm):
    """On which day which month is billed by itself, whether it is issued, and who is reminded when."""

    class Meta:
        model = RunSchedule
        fields = ["start", "bill_on_day", "month_before", "issues", "remind_after_days", "is_paused"]
        widgets = {"start": DayInput()}


class CorrectionPolicyForm(forms.ModelForm):
    """How much each role may approve in one request."""

    class Meta:
        model = CorrectionPolicy
        fields = ["manager_limit", "finance_limit"]


class LateFeePolicyForm(forms.ModelForm):
    """The newest version of the late-fee clause; another first day makes another version behind it."""

    class Meta:
        model = LateFeePolicy
        fields = [
            "start", "percent", "is_once", "grace_days", "grace_counts", "cap_percent", "charging", "name", "clause",
        ]  # fmt: skip
        widgets = {"start": DayInput(), "percent": FigureInput(), "cap_percent": FigureInput()}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        yardsticks = weigh_terms(self.instance.terms, get_lending_rates().on(timezone.localdate()))
        self.fields["percent"].help_text = tell_yardsticks(yardsticks)

    def clean(self) -> dict[str, Any]:
        """Leave a version under which late fee was charged as it is, and let a new first day begin a new version."""
        cleaned = super().clean() or {}
        held = self.instance.pk and LateFeePolicy.objects.filter(pk=self.instance.pk).first()
        start = cleaned.get("start")
        if not held or not start or not self.changed_data:
            return cleaned
        if start < held.start:
            self.add_error("start", _("A new version begins after the one that is there."))
        elif start > held.start:
            self.instance.pk, self.instance._state.adding = None, True
        elif held.charges.exists():
            self.add_error(
                "start", _("Late fee was charged by this version. Give the new one a later first day.")
            )
        return cleaned


class ToleranceForm(VersionForm):
    """What a payment may leave without keeping the bill open, from a day on. Each day on which it changes is a row."""

    class Meta:
        model = Tolerance
        fields = ["amount", "start"]
        widgets = {"start": DayInput()}


class VacancyPolicyForm(VersionForm):
    """What the contract grants empty units, from a day on, and how much use still counts as empty."""

    kinds = forms.MultipleChoiceField(
        label=_("kinds of unit"),
        choices=UnitKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all kinds."),
    )

    class Meta:
        model = VacancyPolicy
        fields = [
            "start", "share", "months", "kinds", "backdates", "clause", "most_water", "most_electricity"
        ]  # fmt: skip
        widgets = {
            "start": DayInput(),
            "share": FigureInput(),
            "most_water": FigureInput(),
            "most_electricity": FigureInput(),
        }


class ContactPolicyForm(forms.ModelForm):
    """Hours and caps of messages, inside the hours of the night that nothing lifts."""

    class Meta:
        model = ContactPolicy
        fields = ["opens", "closes", "per_day", "per_week"]
        widgets = {"opens": CLOCK, "closes": CLOCK}

    def clean(self) -> dict[str, Any]:
        """Refuse hours of the night and windows that never open."""
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if opens and opens < MORNING:
            self.add_error("opens", _("Nothing leaves before 8:00, whatever is set here."))
        if closes and closes > NIGHT:
            self.add_error("closes", _("Nothing leaves after 22:00, whatever is set here."))
        if opens and closes and opens >= closes:
            self.add_error("closes", _("This must be later than the beginning."))
        return cleaned


register_section(Section("community", 10, _("Community"), CommunityForm, lambda community: community))
register_section(
    Section(
        "company",
        20,
        _("Company and bank account"),
        CompanyForm,
        lambda community: community.company,
        _("The same for all communities of the company."),
    )
)
register_section(Section("city_pack", 25, _("Local rules"), CityPackForm, lambda community: community))
register_section(Section("billing", 30, _("Bills"), BillingPolicyForm, row_of(BillingPolicy)))
register_section(
    Section(
        "runs",
        32,
        _("When months are billed"),
        RunScheduleForm,
        newest_of(RunSchedule),
        _("The night bills by itself on this day; the page of billing runs shows when it does so next."),
    )
)
register_section(
    Section(
        "corrections",
        35,
        _("Waivers and corrections"),
        CorrectionPolicyForm,
        row_of(CorrectionPolicy),
        _("One person asks, another approves, up to the limit of the role."),
    )
)
register_section(
    Section(
        "late_fee",
        37,
        _("Late fee"),
        LateFeePolicyForm,
        newest_of(LateFeePolicy),
        _("Bills keep the version that was in force on the day they fell due."),
    )
)
register_section(
    Section(
        "tolerance",
        45,
        _("Remainders"),
        ToleranceForm,
        newest_of(Tolerance),
        _(
            "A bill that a payment leaves open by no more than this is closed; the rest is booked as given up."
        ),
    )
)
register_section(
    Section(
        "vacancy",
        27,
        _("Vacant units"),
        VacancyPolicyForm,
        newest_of(VacancyPolicy),
        _("By application, inspection and a second person; it ends by itself when a unit is used."),
    )
)
register_section(
    Section(
        "contact",
        50,
        _("Messages"),
        ContactPolicyForm,
        row_of(ContactPolicy),
        _("From 22:00 to 8:00 nothing is sent, whatever is set here."),
    )
)
