"""What the cards of a staff page hold, as values: tiles of figures, findings, steps of a flow.

Texts come ready in the reader's language; `templates/staff/` draws them with the classes of staff.css.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tile:
    """A figure: what it is, how it stands, how it moved, what it is made of.

    `unit` is written small behind the value (%, 户); `trend` is the movement with its arrow (↑ 1.7 个百分点) and
    `since` what it is against (比上月); `is_better` picks pine or lamp. `how_url` opens definition, formula and rows.
    """

    label: str
    value: str
    unit: str = ""
    trend: str = ""
    since: str = ""
    is_better: bool = True
    note: str = ""
    how_url: str = ""


@dataclass(frozen=True)
class Finding:
    """One or two sentences of what a card found and the next move; `is_hot` marks the one to act on."""

    lead: str
    text: str = ""
    is_hot: bool = False
    url: str = ""


@dataclass(frozen=True)
class FlowStep:
    """A step of a flow of pages: upload, preview, result."""

    label: str
    is_done: bool = False
    is_current: bool = False
