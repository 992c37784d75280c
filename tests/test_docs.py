"""The documents: what they name is there, and what is there they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from daemon.config.service import Gerrit, Log, Notify, Service, Ssh, Web
from daemon.main import SECTIONS
from rules.routing import AS, KEYS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#]+)\)")
CODE = re.compile(r"`((?:daemon|integrations|rules|tests|systemd|docs|examples|benchmarks)/[\w./-]*)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_and_path_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [page.parent / link for link in LINK.findall(text) if "://" not in link]
    paths = [ROOT / path for path in CODE.findall(text)]
    assert [str(path) for path in (*links, *paths) if not path.exists()] == []


@pytest.mark.parametrize("section", [Service, Gerrit, Ssh, Web, Log, Notify])
def test_every_key_of_the_service_is_documented(section: type[BaseModel]) -> None:
    text = (ROOT / "docs/config.md").read_text(encoding="utf-8")
    assert [key for key in section.model_fields if not re.search(rf"\b{key}\b", text)] == []


def test_every_key_of_a_change_rule_is_documented() -> None:
    text = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert [key for key in (*KEYS["change"], *AS["change"]) if f"`{key}`" not in text] == []


def test_every_command_stands_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for section in SECTIONS.values() for name, _ in section if f"`czar {name}" not in text] == []
