"""The words of a share of a pool: what was used or billed, by what it is shared, and this unit's part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from billing.domain.steps import Step
from billing.domain.working import exact_text
from core.figures import format_number


def _fixed(text: Promise) -> Callable[[Step, str], str]:
    return lambda step, name: str(text)


def _pool_use_note(step: Step) -> str:
    return _("Community meter %(meter)s: %(opening)s → %(closing)s") % {
        "meter": step.figures["meter"],
        "opening": format_number(step.figures["opening"]),
        "closing": format_number(step.figures["closing"]),
    }


def _pool_less_note(step: Step) -> str:
    if step.figures["without"]:
        return _("%(formula)s: less sub-meters, and meters whose cost is not shared") % {
            "formula": step.formula
        }
    return _("%(formula)s: less what sub-meters counted") % {"formula": step.formula}


def _pool_loss_note(step: Step) -> str:
    return _("%(formula)s: the company bears this part of the loss") % {"formula": step.formula}


def _pool_amount_note(step: Step) -> str:
    return step.formula or _("as the supplier billed it")


def _key_label(step: Step, name: str) -> str:
    words = {"percent": exact_text(step.figures["percent"]), "key": key_words(step.figures["key"])}
    return _("%(percent)s%% of it %(key)s") % words


def key_words(key: str) -> str:
    """Say what a pool is shared by: `按建筑面积`, `按户`, `按系数（lift）`."""
    kind, _bracket, name = key.rstrip(")").partition("(")
    word = str(KEY_WORDS[kind])
    if not name or kind == "fixed":
        return word
    named = str(METER_WORDS.get(name, name))
    return _("%(key)s (%(name)s)") % {"key": word, "name": named}


KEY_WORDS: Mapping[str, Promise] = {
    "area": gettext_lazy("by building area"),
    "inner_area": gettext_lazy("by inner area"),
    "household": gettext_lazy("by household"),
    "use": gettext_lazy("by own use"),
    "coefficient": gettext_lazy("by coefficient"),
    "fixed": gettext_lazy("as a fixed share"),
}
METER_WORDS: Mapping[str, Promise] = {
    "water": pgettext_lazy("meter", "water"),
    "electricity": pgettext_lazy("meter", "electricity"),
    "gas": pgettext_lazy("meter", "gas"),
    "heat": pgettext_lazy("meter", "heat"),
}
SHARES: Mapping[str, Promise] = {
    "area": gettext_lazy("%(formula)s: your area over that of all %(participants)s units"),
    "inner_area": gettext_lazy("%(formula)s: your inner area over that of all %(participants)s units"),
    "household": gettext_lazy("one of %(participants)s households"),
    "use": gettext_lazy("%(formula)s: your own use over that of all %(participants)s units"),
    "coefficient": gettext_lazy("%(formula)s: your coefficient over that of all %(participants)s units"),
    "fixed": gettext_lazy("the share that was fixed for your unit"),
}


def _share_note(step: Step) -> str:
    figures = step.figures
    words = {"formula": step.formula, "participants": figures["participants"]}
    said = [str(SHARES[figures["key"].partition("(")[0]]) % words]
    if figures["counts"] != 1:
        counts = exact_text(figures["counts"])
        said.append(
            _("%(counts)s of it counts: by its days, by the share due while it stood empty, or as agreed")
            % {"counts": counts}
        )
    if figures["agreement"]:
        said.append(_("agreed: %(agreement)s") % {"agreement": figures["agreement"]})
    return _("; ").join(said)


def _down_note(step: Step) -> str:
    words = {"formula": step.formula, "down": exact_text(step.figures["down"], 2)}
    return _("%(formula)s; %(down)s yuan to begin with") % words


def _extra_note(step: Step) -> str:
    left, remainder = step.figures["left"], exact_text(step.figures["remainder"] * 100, 2)
    if left is None:
        return ""
    words = {"left": exact_text(left, 2), "remainder": remainder}
    begin = _(
        "Every share is rounded down first; %(left)s yuan are left over and go to the largest remainders."
    )
    if step.value:
        end = _("Yours is %(remainder)s fen, so you carry one of them.")
    else:
        end = _("Yours is %(remainder)s fen, so it was not your turn.")
    return f"{begin % words}{_(' ')}{end % words}"


POOL_SENTENCES: Mapping[str, tuple[Callable[[Step, str], str], Callable[[Step], str]]] = {
    "pool_use": (_fixed(gettext_lazy("Used by all")), _pool_use_note),
    "pool_less": (_fixed(gettext_lazy("Remaining to share")), _pool_less_note),
    "pool_loss": (_fixed(gettext_lazy("Shared of it")), _pool_loss_note),
    "pool_amount": (_fixed(gettext_lazy("Comes to")), _pool_amount_note),
    "key_part": (_key_label, lambda step: step.formula),
    "share": (_fixed(gettext_lazy("Your part")), _share_note),
    "down": (_fixed(gettext_lazy("Your share")), _down_note),
    "extra": (_fixed(gettext_lazy("The odd fen")), _extra_note),
}
