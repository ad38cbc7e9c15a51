"""The form of a tariff version, read as a tariff file would be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from billing.domain.tariff_notation import Priced, read_price, rule_of, write_price
from billing.domain.tariff_rows import Known, find_handling_fee, find_unknown, read_scope
from billing.models import FeeItem, TariffVersion
from billing.selectors.tariffs import get_known_scopes
from billing.wording import TARIFFS
from core.tables.cells import BadCell
from core.tables.wording import SENTENCES


class TariffVersionForm(forms.ModelForm):
    """A dated price in the notation of the tariff files; overlapping days of one scope are refused here."""

    price_text = forms.CharField(
        label=_("Price"),
        widget=UnfoldAdminTextInputWidget(),
        help_text=_(
            "2.35 · 80 · water;3.45 · water;10:2;20:3;:5 · P1;0.80;area · P1;0.80;area:60+household:40;floor>=2;"
            "agreement=… · area * 2.1 + if(floor > 1, 5, 0), as the method asks"
        ),
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget(),
        help_text=_("Empty: no end."),
    )

    class Meta:
        model = TariffVersion
        fields = ["fee_item", "applies_to", "method", "price_text", "rounding", "start", "last_day"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        version = self.instance
        if version.pk:
            self.initial["price_text"] = write_price(version.method, version.price, version.formula)
            self.initial["last_day"] = version.end and version.end - timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        """Read scope, price and days as a tariff file would, and compare with what is held."""
        cleaned = super().clean() or {}
        item, method = cleaned.get("fee_item"), cleaned.get("method")
        known = get_known_scopes(item.community) if item else Known(frozenset(), frozenset())
        if item and cleaned.get("applies_to"):
            cleaned["applies_to"] = self._read("applies_to", lambda cell: read_scope(cell, known))
        if method and cleaned.get("price_text"):
            priced = self._read("price_text", lambda cell: read_price(method, cell))
            if priced:
                self.instance.price, self.instance.formula = priced.price, dict(priced.formula)
                self._check_pool(priced, known)
                self._refuse_handling_fee(item, priced)
        self._check_days(cleaned)
        return cleaned

    def _check_pool(self, priced: Priced, known: Known) -> None:
        """Refuse names the register lacks, and a way of sharing without what was agreed (Civil Code 283)."""
        if "pool_key" not in priced.formula:
            return
        rule = rule_of(priced.formula)
        for code, name in find_unknown(rule, known):
            self.add_error("price_text", str(TARIFFS[code]) % {"name": name})
        if not rule.is_statutory and not rule.agreement:
            self.add_error("price_text", str(TARIFFS["agreement_missing"]))

    def _refuse_handling_fee(self, item: FeeItem | None, priced: Priced) -> None:
        if item and find_handling_fee(item.name, priced):
            self.add_error(
                "price_text", str(TARIFFS["handling_fee"]) % {"value": self.cleaned_data["price_text"]}
            )

    def _read(self, field: str, parse: Callable[[str], Any]) -> Any:
        """Return what the parser of tariff files makes of a field; what it refuses becomes the field's error."""
        text = self.cleaned_data[field]
        try:
            return parse(text)
        except BadCell as bad:
            words = {"value": text, "column": self.fields[field].label, **bad.params}
            sentence = TARIFFS.get(bad.code) or SENTENCES[bad.code]
            self.add_error(field, str(sentence) % words)
            return None

    def _check_days(self, cleaned: dict[str, Any]) -> None:
        start, last = cleaned.get("start"), cleaned.get("last_day")
        if not start or not cleaned.get("fee_item") or not cleaned.get("applies_to"):
            return
        end = last + timedelta(days=1) if last else None
        if end and end <= start:
            self.add_error("last_day", str(TARIFFS["ends_before_start"]) % {"value": last, "start": start})
            return
        self.instance.end = end
        others = TariffVersion.objects.filter(fee_item=cleaned["fee_item"], applies_to=cleaned["applies_to"])
        other = others.exclude(pk=self.instance.pk).overlapping(start, end or date.max).first()
        if other:
            held_last = other.end - timedelta(days=1) if other.end else "…"
            words = {"start": other.start, "last": held_last}
            self.add_error("start", str(TARIFFS["overlaps_held"]) % words)
