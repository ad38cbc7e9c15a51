"""Named points where a test may break the program on purpose.

`FAILPOINTS="billing.run.before_write=exit@3,payments.callback.stored=sleep:0.2"` in the environment arms
them: `raise` raises, `sleep:SECONDS` waits, `exit` ends the process as kill -9 would; `@N` waits for the
N-th hit. Without the variable a failpoint is one dictionary look-up.
"""

import ast
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

SPEC = re.compile(r"(?P<name>[\w.]+)=(?P<kind>raise|exit|sleep):?(?P<seconds>[\d.]*)(?:@(?P<hit>\d+))?")
KILLED = 137

_hits: Counter[str] = Counter()


class FailpointReached(RuntimeError):
    """An armed failpoint of the kind `raise` was passed."""


def failpoint(name: str) -> None:
    """Break here when the environment asks for it; otherwise return at once.

    Raises FailpointReached for the kind `raise`.
    """
    if "FAILPOINTS" in os.environ:
        _break_at(name)


def reset_hits() -> None:
    """Forget how often each failpoint was passed in this process."""
    _hits.clear()


def _break_at(name: str) -> None:
    armed = {match["name"]: match for match in SPEC.finditer(os.environ["FAILPOINTS"])}
    if name not in armed:
        return
    _hits[name] += 1
    spec = armed[name]
    if spec["hit"] and int(spec["hit"]) != _hits[name]:
        return
    if spec["kind"] == "sleep":
        time.sleep(float(spec["seconds"]))
    elif spec["kind"] == "exit":
        os._exit(KILLED)
    else:
        raise FailpointReached(name)


def list_failpoints(root: Path) -> list[str]:
    """Return the names of all failpoints written in the Python files under `root`, sorted."""
    return sorted({name for path in root.rglob("*.py") for name in _names_in(path)})


def _names_in(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    if "failpoint(" not in source:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "failpoint":
            yield from (
                arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
            )
