"""Changes of units: asked for by one person, made when a second agrees, alone or by the file.

request_change(…)      a change waits for the second person
foresee_change(…)      what it would do to bills of days gone by
approve_change(…)      it is made: register, accounts, and bills of days gone by put right
refuse_change(…)       it is not
import_changes(…)      all good rows of a file at once, with the person who agreed to it
"""

from billing.services.changes.deciding import approve_change, refuse_change, request_change
from billing.services.changes.foreseeing import Expected, foresee_change
from billing.services.changes.importing import ChangesOutcome, import_changes, preview_changes

__all__ = [
    "ChangesOutcome",
    "Expected",
    "approve_change",
    "foresee_change",
    "import_changes",
    "preview_changes",
    "refuse_change",
    "request_change",
]
