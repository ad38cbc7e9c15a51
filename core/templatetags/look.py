"""The look in templates: figures and dates as docs/look.md §5 writes them, states and icons as §4 draws them."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core import figures, states
from core.documents import qr_svg
from core.money import in_words
from core.people import read_names
from core.phones import mask_name, mask_phone

register = template.Library()

register.filter("amount", figures.format_amount)
register.filter("money", figures.format_money)
register.filter("yuan", figures.format_in_sentence)
register.filter("change", figures.format_change)
register.filter("comparison", figures.format_comparison)
register.filter("number", figures.format_number)
register.filter("area", figures.format_area)
register.filter("rate", figures.format_rate)
register.filter("day_words", figures.format_day)
register.filter("date_words", figures.format_date)
register.filter("month_words", figures.format_month)
register.filter("moment_words", figures.format_moment)
register.filter("period_words", figures.format_period)
register.filter("joined", figures.join_units)
register.filter("grouped", figures.group_digits)
register.filter("masked_name", mask_name)
register.filter("masked_phone", mask_phone)
register.filter("capitals", in_words)
register.simple_tag(qr_svg, name="qr")


@register.filter
def iso(value: date | datetime) -> str:
    """Write a date or moment for the `datetime` attribute of `<time>`."""
    return value.isoformat()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of the page's sprite; hidden from readers unless it has a label of its own."""
    if label:
        return format_html('<svg class="ico" role="img" aria-label="{}"><use href="#{}"/></svg>', label, name)
    return format_html('<svg class="ico" aria-hidden="true"><use href="#{}"/></svg>', name)


class PageWords(NamedTuple):
    """The words around the two counters that only the print style sheet knows."""

    before: str
    between: str
    after: str


@register.simple_tag
def page_words() -> PageWords:
    """Part the sentence `Page 1 of 2` at its numbers."""
    before, rest = _("Page %(page)s of %(pages)s").split("%(page)s")
    between, after = rest.split("%(pages)s")
    return PageWords(before.strip(), between.strip(), after.strip())


@register.simple_tag
def sum_figure(amount: Decimal) -> SafeString:
    """Draw the one big sum of a page, its ¥ smaller than its digits."""
    return format_html('<span class="yuan">¥</span>{}', figures.format_amount(amount))


STAFF_NAMES = "core.staff_names"


@register.simple_tag(takes_context=True)
def staff_name(context: template.Context, who: object) -> str:
    """Write the name of a member of staff, given the log-in or its text; the text itself when no name is known.

    The names are read once for a page, however many rows ask for one. Nobody is a dash.
    """
    if not who:
        return "—"
    if STAFF_NAMES not in context.render_context:
        context.render_context[STAFF_NAMES] = read_names()
    return str(context.render_context[STAFF_NAMES].get(str(who), who))


@register.simple_tag
def state(name: str, days: int | None = None, instalment: int | None = None) -> SafeString:
    """Draw the pill of a state in the words an owner reads: shape, word and colour together."""
    return _draw_state("state", name, states.word_for_owner(name, days=days, instalment=instalment))


@register.simple_tag
def staff_state(name: str, days: int | None = None) -> SafeString:
    """Draw the mark of a state in the words staff read."""
    return _draw_state("nl-state", name, states.word_for_staff(name, days=days))


def _draw_state(css_class: str, name: str, word: str) -> SafeString:
    classes = mark_safe(f"{css_class} {name}")  # noqa: S308  # checked: word_for_… raises on an unknown state
    return format_html('<span class="{}">{}{}</span>', classes, icon(states.ICONS[name]), word)
