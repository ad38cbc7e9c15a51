"""What an import has to say about a cell, a row or a sheet: a code with parameters; `wording` makes the sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One finding. `column` is the head of the column as the file writes it, `value` what the cell shows.

    `line` is 0 for a finding about a whole sheet. A finding that does not block is a remark: its row stays.
    """

    code: str
    sheet: str = ""
    line: int = 0
    column: str = ""
    value: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    blocks: bool = True
