"""The bill run: opened, billed chunk by chunk, reviewed, issued; the same steps here and on workers.

run = open_run(…)            accounts, pools and chunks; what exists stays
bill_chunk(run, number)      one transaction a chunk: bills, lines, run items, and the journal once approved
draw_sample, sign_sample     a person works some bills out by hand and signs what came of it
review_run, issue_run        drafts become owed; issue_buildings: those of some buildings, the rest stays draft
recall_run                   all of it taken back, while nobody has been told and nothing is paid
bill_period(…)               all of it, waiting for whoever bills the same month already
start_run(…)                 only the beginning: workers bill the chunks, and the last one closes the run
"""

from billing.services.run.discarding import discard_run
from billing.services.run.driving import RunOutcome, bill_chunks, bill_period, start_run
from billing.services.run.issuing import issue_run, review_run
from billing.services.run.opening import open_run
from billing.services.run.partial import issue_buildings
from billing.services.run.recalling import recall_run
from billing.services.run.sampling import draw_sample, sign_sample
from billing.services.run.writing import bill_chunk

__all__ = [
    "RunOutcome",
    "bill_chunk",
    "bill_chunks",
    "bill_period",
    "discard_run",
    "draw_sample",
    "issue_buildings",
    "issue_run",
    "open_run",
    "recall_run",
    "review_run",
    "sign_sample",
    "start_run",
]
