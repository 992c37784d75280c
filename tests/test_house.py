"""The house rules that hold for all modules: who may import whom, what stands where, what is installed with us.

Modules are read, never run: a wrong import is found also where nothing reaches it.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("rules", "integrations", "daemon")
ROOT_FOLDERS = (*ROOMS, "benchmarks", "systemd", "tests")
OUTSIDE_WORLD = frozenset(
    """
    asyncio concurrent fileinput ftplib getpass glob http imaplib io linecache logging mmap multiprocessing os pathlib
    pickle platform poplib pwd queue random sched secrets select selectors shelve shutil signal smtplib socket
    socketserver sqlite3 ssl subprocess sys tempfile threading time urllib uuid webbrowser xmlrpc
    """.split()  # noqa: SIM905  (words read better than quotes)
)
"""Clock, chance, network, disk, other processes: not for `rules`."""
COMPUTING = frozenset({"holidays", "msgspec", "re2"})
THE_CLOCK = frozenset({"now", "today", "utcnow"})
WITHOUT_TESTS = re.compile(r"(.*/)?__(init|main)__\.py|daemon/journal/migrations/(env|versions/.*)\.py")
LOADED_BY_NAME = {
    "psycopg": "SQLAlchemy loads it for postgresql+psycopg://",
    "tzdata": "zoneinfo, and whose holidays a time zone has, where the system has no time zones",
}
OF_WHOLE_PACKAGES = {
    Path("tests/daemon/config/test_broken.py"): "whole broken config directories",
    Path("tests/integrations/governance/test_whole_history.py"): "the real git history, version by version",
    Path("tests/rules/catalogue/test_sign_off_spec.py"): "everything about sign-off, against its specification",
}
"""Test files that are about a package, not about one module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One name that a module imports, e.g. `rules.events` or `datetime.datetime`; `level` counts leading dots."""

    module: str
    name: str
    line: int
    level: int = 0

    def is_in(self, *packages: str) -> bool:
        """Whether it is one of these modules, or stands below one."""
        return any(f"{self.module}.{self.name}.".startswith(f"{package}.") for package in packages)

    @property
    def top(self) -> str:
        """The first word."""
        return self.module.partition(".")[0]


@cache
def modules() -> tuple[Path, ...]:
    """All modules of the three rooms, relative to the root."""
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    return tuple(sorted(path.relative_to(ROOT) for path in found))


@cache
def tree(module: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse((ROOT / module).read_text(encoding="utf-8"), str(module))


@cache
def imports(module: Path) -> tuple[Import, ...]:
    """Everything a module imports, also inside functions and for types only."""
    return tuple(_imports(module))


def _imports(module: Path) -> Iterator[Import]:
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from (Import(module=one.name, name="", line=node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            for one in node.names:
                yield Import(module=node.module or "", name=one.name, line=node.lineno, level=node.level)


def room(module: Path) -> str:
    """`integrations.gerrit` for `integrations/gerrit/rest.py`: where a module lives, as far as it matters here."""
    if module.parts[0] != "integrations":
        return module.parts[0]
    return f"integrations.{module.parts[1].removesuffix('.py')}"


def may_import(module: Path, one: Import) -> bool:
    """The direction `rules` ← `integrations` ← `daemon`."""
    if module.parts[0] == "rules":
        return one.is_in("rules")
    if module.parts[0] == "integrations":
        return one.is_in("rules", "integrations.contract", room(module))
    if one.is_in("rules", "daemon", "integrations.contract"):
        return True
    return one.is_in("integrations") and module == Path("daemon/wiring.py")


@cache
def ours() -> tuple[tuple[Path, Import], ...]:
    """Every import of one of the three rooms."""
    return tuple((module, one) for module in modules() for one in imports(module) if one.top in ROOMS)


def test_imports_point_inwards() -> None:
    wrong = [f"{module}:{one.line} imports {one.module}" for module, one in ours() if not may_import(module, one)]
    assert not wrong


def test_only_the_wiring_names_concrete_integrations() -> None:
    of_daemon = [(module, one) for module, one in ours() if room(module) == "daemon" and one.is_in("integrations")]
    assert {str(module) for module, one in of_daemon if not one.is_in("integrations.contract")} == {"daemon/wiring.py"}


def test_imports_are_absolute() -> None:
    wrong = [f"{module}:{one.line}" for module in modules() for one in imports(module) if one.level]
    assert not wrong


def test_no_room_imports_tests_or_benchmarks() -> None:
    wrong = [f"{m}:{one.line}" for m in modules() for one in imports(m) if one.top in ("tests", "benchmarks")]
    assert not wrong


def test_rules_only_compute() -> None:
    allowed = (sys.stdlib_module_names - OUTSIDE_WORLD) | COMPUTING | {"rules"}
    of_rules = [module for module in modules() if module.parts[0] == "rules"]
    wrong = [f"{m}:{one.line} imports {one.module}" for m in of_rules for one in imports(m) if one.top not in allowed]
    assert of_rules
    assert not wrong


def test_rules_have_neither_clock_nor_files() -> None:
    wrong = [
        f"{module}:{node.lineno}"
        for module in modules()
        if module.parts[0] == "rules"
        for node in ast.walk(tree(module))
        if (isinstance(node, ast.Attribute) and node.attr in THE_CLOCK and _is_of_datetime(node.value))
        or (isinstance(node, ast.Name) and node.id in ("open", "input", "print", "exec", "eval", "__import__"))
    ]
    assert not wrong


def _is_of_datetime(value: ast.expr) -> bool:
    """`datetime`, `date`, `datetime.datetime` …"""
    last = value.attr if isinstance(value, ast.Attribute) else value.id if isinstance(value, ast.Name) else ""
    return last in ("date", "datetime", "dt")


def mirrored(module: Path) -> Path:
    """`tests/rules/test_asking.py` for `rules/asking.py`."""
    return Path("tests") / module.parent / f"test_{module.name}"


def test_every_module_has_its_test_file() -> None:
    needed = [mirrored(module) for module in modules() if not WITHOUT_TESTS.fullmatch(str(module))]
    assert [str(path) for path in needed if not (ROOT / path).is_file()] == []


def test_no_test_file_is_without_its_module() -> None:
    there = {mirrored(module) for module in modules()} | set(OF_WHOLE_PACKAGES)
    found = {path.relative_to(ROOT) for room in ROOMS for path in (ROOT / "tests" / room).rglob("test_*.py")}
    assert sorted(str(path) for path in found - there) == []


def setup_call() -> dict[str, ast.expr]:
    """The arguments of `setup()` in setup.py."""
    parsed = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    calls = (node for node in ast.walk(parsed) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    (call,) = (node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "setup")
    return {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}


def folders() -> set[str]:
    """Packages of the three rooms as they lie on disk, dotted."""
    return {".".join(module.parent.parts) for module in modules() if module.name == "__init__.py"}


def test_setup_lists_exactly_our_packages() -> None:
    listed = ast.literal_eval(setup_call()["packages"])
    assert sorted(listed) == sorted(folders())
    assert len(listed) == len(set(listed))


def test_every_folder_with_modules_is_a_package() -> None:
    assert {".".join(module.parent.parts) for module in modules()} == folders()


def test_init_files_hold_a_docstring_only() -> None:
    files = [module for module in modules() if module.name == "__init__.py"]
    wrong = [str(file) for file in files if len(tree(file).body) != 1 or not ast.get_docstring(tree(file))]
    assert files
    assert not wrong


def test_every_module_says_what_it_is() -> None:
    assert [str(module) for module in modules() if not ast.get_docstring(tree(module))] == []


@pytest.mark.parametrize("name", ROOMS)
def test_no_other_distribution_owns_our_names(name: str) -> None:
    assert set(importlib.metadata.packages_distributions().get(name, [])) == {"czar"}
    found = importlib.util.find_spec(name)
    assert found
    assert [Path(path) for path in found.submodule_search_locations or ()] == [ROOT / name]


@cache
def required() -> frozenset[str]:
    """The distributions that install_requires names."""
    lines = ast.literal_eval(setup_call()["install_requires"])
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in lines)
    return frozenset(_normal(name[0]) for name in names if name)


@cache
def third_party() -> dict[str, str]:
    """The distributions whose modules we import, with one place where that is done."""
    known = importlib.metadata.packages_distributions()
    found: dict[str, str] = {}
    for module in modules():
        for one in imports(module):
            if one.top in sys.stdlib_module_names or one.top in ROOMS:
                continue
            found.setdefault(_distribution(one, known.get(one.top, [one.top])), f"{module}:{one.line}")
    return found


def _distribution(one: Import, candidates: list[str]) -> str:
    """Where several share a namespace (`lazr.uri`, `lazr.restfulclient`), the one named like the module."""
    exact = [name for name in candidates if one.is_in(name)]
    return _normal((exact or candidates)[0])


def _normal(name: str) -> str:
    """As package indexes compare names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_what_we_import_is_named_in_setup() -> None:
    assert {name: place for name, place in third_party().items() if name not in required()} == {}


def test_what_setup_names_is_imported() -> None:
    assert sorted(required() - set(third_party()) - set(LOADED_BY_NAME)) == []


def test_the_rooms_stand_where_everybody_looks_for_them() -> None:
    assert [name for name in ROOT_FOLDERS if not (ROOT / name).is_dir()] == []
