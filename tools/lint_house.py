"""Rules of the house that no other linter knows, each a small function over one file.

    python -m tools.lint_house [ROOT]      prints `file:line: rule: what`, exit 1 if anything was found

A rule that must be broken somewhere is broken aloud: a comment on the line, with the word the rule names.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from tools.sources import list_files

ROOT = Path(__file__).resolve().parent.parent
VAGUE_NAMES = {"utils", "util", "helpers", "managers", "signals", "constants", "exceptions", "misc", "common"}
BANNED_VERBS = ("process_", "handle_", "manage_", "do_")
DICTATED_NAMES = {
    "do_GET",
    "do_POST",
    "handle_error",
    "process_exception",
    "process_view",
    "handle_no_permission",
}
"""Hooks that Python and Django call by these names."""

MONEY = re.compile(r"^(core/money\.py|ledger/|billing/|payments/(?!gateways/sandbox/(?!amounts)))")
BELOW_THE_DOORS = re.compile(r"(^|/)(domain|models|selectors|services|events)(\.py$|/)")
DOMAIN = re.compile(r"(^|/)domain(\.py$|/)")
IMPURE = {
    "django",
    "rest_framework",
    "celery",
    "redis",
    "random",
    "secrets",
    "os",
    "pathlib",
    "requests",
    "psycopg",
}
BELOW_THE_PAGES = re.compile(r"^[a-z]+/(domain|models|services)(\.py$|/)")
DOORS = {"admin", "api", "forms", "pages", "paper", "views"}
ANSWERING = re.compile(r"^([a-z]+)/(admin|api|management|tasks|urls|views)(\.py$|/)")
APPS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["root_packages"]
CLOCKS = {
    "timezone": {"now", "localdate", "localtime"},
    "date": {"today"},
    "datetime": {"now", "today", "utcnow"},
    "time": {"time"},
}
SIGNALS = {"receiver", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "post_migrate"}
REASONS_TO_IMPORT_LATE = ("# heavy:", "# app registry:")
LONGEST_FUNCTION, LONGEST_FILE = 80, 450

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of the product."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All nodes of the tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        """The lines, the first at index 0."""
        return self.text.splitlines()

    def comment(self, node: ast.expr | ast.stmt | ast.ExceptHandler) -> str:
        """The comment on the line where the node begins, with its mark; empty when there is none."""
        return (re.findall(r"#[^\"']*$", self.lines[node.lineno - 1]) or [""])[0]


@dataclass(frozen=True)
class Finding:
    """A broken rule: where, and what about it."""

    path: str
    line: int
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.what}"


Rule = Callable[[Source], Iterator[tuple[int, str]]]


def vague_name(source: Source) -> Iterator[tuple[int, str]]:
    """A file is named after what it holds."""
    if PurePosixPath(source.path).stem in VAGUE_NAMES:
        yield 1, "this name hides where a thing belongs"


def float_in_money(source: Source) -> Iterator[tuple[int, str]]:
    """No float touches money, prices or areas (`# not money:` for seconds and the like)."""
    if not MONEY.match(source.path):
        return
    for node in source.nodes:
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_numpy = isinstance(node, ast.Attribute) and node.attr.startswith("float")
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if isinstance(node, ast.expr) and (is_name or is_numpy or is_literal) and not not_money(source, node):
            yield node.lineno, "money is Decimal or whole fen"


def not_money(source: Source, node: ast.expr) -> bool:
    """Whether the line says what the float is instead."""
    return source.comment(node).startswith("# not money:")


def clock_below_doors(source: Source) -> Iterator[tuple[int, str]]:
    """Only doors read the clock; below them time is an argument."""
    if not BELOW_THE_DOORS.search(source.path):
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = getattr(node.func.value, "attr", getattr(node.func.value, "id", ""))
            if node.func.attr in CLOCKS.get(owner, ()) and not node.args:
                yield node.lineno, f"{owner}.{node.func.attr}() belongs at a door; take `as_of` or `now`"


def impure_domain(source: Source) -> Iterator[tuple[int, str]]:
    """The domain knows no framework, no clock, no chance and no files."""
    if not DOMAIN.search(source.path):
        return
    for node in source.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in imported_modules(node):
                if module.split(".")[0] in IMPURE:
                    yield node.lineno, f"the domain does not import {module}"


def door_below(source: Source) -> Iterator[tuple[int, str]]:
    """Rules and writes do not know what is shown, asked or printed of them."""
    if not BELOW_THE_PAGES.match(source.path):
        return
    for node in source.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for module in imported_modules(node):
                if DOORS & set(module.split(".")[1:2]):
                    yield node.lineno, f"{module} is a door; what both need stands below it"


def borrowed_model(source: Source) -> Iterator[tuple[int, str]]:
    """A door asks the selectors and services of other apps; their tables are theirs."""
    door = ANSWERING.match(source.path)
    others = set(APPS) - {door[1]} if door else set()
    for node in source.nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in imported_names(node):
                if name.split(".")[0] in others and name.split(".")[1:2] == ["models"]:
                    yield node.lineno, f"{name} belongs to another app; ask its selectors or services"


def late_import(source: Source) -> Iterator[tuple[int, str]]:
    """An import inside a function says why on its line."""
    for function in functions(source):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not source.comment(node).startswith(
                REASONS_TO_IMPORT_LATE
            ):
                yield node.lineno, "import at the top, or say why not (# heavy: … or # app registry: …)"


def blind_except(source: Source) -> Iterator[tuple[int, str]]:
    """Catching everything needs a reason in words on the line."""
    for node in source.nodes:
        if isinstance(node, ast.ExceptHandler) and catches_everything(node) and not has_reason(source, node):
            yield node.lineno, "`except Exception` without a reason on the line"


def catches_everything(handler: ast.ExceptHandler) -> bool:
    """Whether the handler is bare or names Exception itself."""
    return handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}


def has_reason(source: Source, handler: ast.ExceptHandler) -> bool:
    """Whether the line's comment says more than the code of a linter."""
    return len(re.sub(r"# noqa(: [A-Z0-9, ]+)?", "", source.comment(handler)).strip("# ")) >= 10


def django_signal(source: Source) -> Iterator[tuple[int, str]]:
    """News travels by core.events, never by Django signals."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("signals", "dispatch")):
            for name in sorted({alias.name for alias in node.names} & SIGNALS):
                yield node.lineno, f"no Django signals ({name}); publish an event"


def save_with_effects(source: Source) -> Iterator[tuple[int, str]]:
    """Models do not act: no `save()` or `delete()` of their own."""
    if not re.search(r"(^|/)models(\.py$|/)", source.path):
        return
    for function in functions(source):
        if function.name in {"save", "delete"} and function.args.args[:1]:
            yield function.lineno, f"`{function.name}()` of a model is a service"


def banned_verb(source: Source) -> Iterator[tuple[int, str]]:
    """Verbs that say nothing are not used (DESIGN §5)."""
    for function in functions(source):
        if function.name.lstrip("_").startswith(BANNED_VERBS) and function.name not in DICTATED_NAMES:
            yield function.lineno, f"{function.name}: say what it does"


def too_long(source: Source) -> Iterator[tuple[int, str]]:
    """Functions and files that outgrow a reader."""
    if len(source.lines) > LONGEST_FILE:
        yield 1, f"{len(source.lines)} lines; split it by concept"
    for function in functions(source):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if length > LONGEST_FUNCTION:
            yield function.lineno, f"{function.name} has {length} lines"


RULES: dict[str, Rule] = {
    "vague-name": vague_name,
    "float-in-money": float_in_money,
    "clock": clock_below_doors,
    "impure-domain": impure_domain,
    "door-below": door_below,
    "borrowed-model": borrowed_model,
    "late-import": late_import,
    "blind-except": blind_except,
    "signal": django_signal,
    "model-acts": save_with_effects,
    "banned-verb": banned_verb,
    "too-long": too_long,
}


def functions(source: Source) -> Iterator[Function]:
    """All functions and methods of a file."""
    return (node for node in source.nodes if isinstance(node, Function))


def imported_modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The modules an import statement names."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names]


def imported_names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """What an import statement names, each with its module: `from a.b import c` is `a.b.c`."""
    module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
    return [f"{module}{alias.name}" for alias in node.names]


def lint(source: Source) -> Iterator[Finding]:
    """All findings of one file."""
    for name, rule in RULES.items():
        for line, what in rule(source):
            yield Finding(source.path, line, name, what)


def read_product(root: Path) -> Iterator[Source]:
    """Every Python file of the product: tracked or about to be, without tests, tools and migrations."""
    for name in list_files(root, "*.py"):
        if not re.search(r"^(tests|tools|benchmarks)/|/migrations/", name):
            yield Source(name, (root / name).read_text(encoding="utf-8"))


def main() -> int:
    """Lint this checkout, or the one named."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT
    findings = [finding for source in read_product(root) for finding in lint(source)]
    print("\n".join(map(str, findings)) or "House rules: kept")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
