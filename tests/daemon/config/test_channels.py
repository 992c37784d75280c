"""The ways to people, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.config.channels import channels, unreadable
from daemon.config.secrets import BadSecret
from daemon.config.service import Notify
from integrations.contract import Channel
from tests.daemon.config.makers import CZAR, write

BOTH = "notify:\n  default: {url_file: all}\n  people:\n    ann: {url_file: ann's}\n"
NOTIFY = Notify.model_validate({"default": {"url_file": "all"}, "people": {"ann": {"url_file": "ann's"}}})


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A config directory with both secrets."""
    write(tmp_path, czar=CZAR + BOTH)
    for name, text in (("all", "mailto://hunter2@x\n"), ("ann's", "hunter2\n")):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_ones_own_way_comes_first_and_the_shared_one_is_for_all(directory: Path) -> None:
    shared = Channel(url="mailto://hunter2@x", shared=True)
    assert channels(NOTIFY, "ann", directory) == (Channel(url="hunter2"), shared)
    assert channels(NOTIFY, "bob", directory) == (shared,)
    assert channels(Notify(), "bob", directory) == ()


def test_a_secret_that_cannot_be_used_is_told(directory: Path) -> None:
    (directory / "all").unlink()
    with pytest.raises(BadSecret, match="there is no"):
        channels(NOTIFY, "bob", directory)


def test_a_url_that_cannot_be_read_is_a_mistake_at_its_place_and_not_repeated(directory: Path) -> None:
    (mistake,) = unreadable(NOTIFY, directory, lambda url: url.startswith("mailto"))
    assert (mistake.file, mistake.line, mistake.column, mistake.code) == ("czar.yaml", 5, 21, "notify")
    assert "ann's holds no URL that apprise can read" in mistake.message
    assert "hunter2" not in mistake.message
    assert [one.line for one in unreadable(NOTIFY, directory, lambda _: False)] == [3, 5]


def test_secrets_that_are_not_there_and_a_file_that_changed_are_no_fault_of_the_urls(directory: Path) -> None:
    (directory / "all").unlink()
    (directory / "czar.yaml").write_text("[")
    assert [(one.line, one.column) for one in unreadable(NOTIFY, directory, lambda _: False)] == [(1, 1)]
