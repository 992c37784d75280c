"""What commands begin with: a config and its journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command_line import czar, refusal
from tests.daemon.config.makers import write

ON_JOURNALS = (("stats",), ("cases",), ("explain", "gerrit:1"), ("resume",))


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """With a state of its own, in which nothing is."""
    return write(tmp_path, czar="gerrit: {url: https://review.example.org, user: bot}\nstate: state\n")


@pytest.mark.parametrize("command", ON_JOURNALS)
def test_no_journal_yet_is_one_plain_line_and_makes_none(command: tuple[str, ...], config: Path) -> None:
    said = refusal(czar(*command, "--config", config))
    assert said == f"there is no journal yet ({config}/state/czar.db): it is made when czar run starts"
    assert not (config / "state").exists()


@pytest.mark.parametrize("command", ON_JOURNALS)
def test_a_journal_that_is_none_is_one_plain_line(command: tuple[str, ...], config: Path) -> None:
    (config / "state").mkdir()
    (config / "state" / "czar.db").write_bytes(b"nonsense" * 1000)
    assert "the journal cannot be opened: file is not a database" in refusal(czar(*command, "--config", config))


def test_a_journal_of_a_newer_czar_is_one_plain_line(config: Path) -> None:
    import sqlite3

    assert czar("pause", "--config", config).code == 0
    connection = sqlite3.connect(config / "state" / "czar.db")
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9999'")
    connection.close()
    assert "newer czar" in refusal(czar("stats", "--config", config))


def test_only_czar_yaml_is_read_for_the_journal(config: Path) -> None:
    """So that people can look and pause also while the roster is broken."""
    (config / "roster.yaml").write_text("nonsense: [")
    assert czar("pause", "--config", config).code == 0
    assert czar("stats", "--config", config).code == 0


def test_the_database_may_lie_elsewhere(config: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("elsewhere") / "other.db"
    with (config / "czar.yaml").open("a") as more:
        more.write(f"database: sqlite:///{file}\n")
    assert str(file) in refusal(czar("stats", "--config", config))
    assert czar("pause", "--config", config).code == 0
    assert file.exists()
    assert czar("stats", "--config", config).code == 0


def test_a_database_named_in_a_file_is_asked_for_at_its_place(config: Path) -> None:
    with (config / "czar.yaml").open("a") as more:
        more.write("database_file: database-url\n")
    (config / "database-url").touch(mode=0o600)
    (config / "database-url").write_text(f"sqlite:///{config}/named.db\n")
    assert f"{config}/named.db" in refusal(czar("stats", "--config", config))
    assert czar("pause", "--config", config).code == 0
    assert (config / "named.db").exists()
    assert czar("stats", "--config", config).code == 0


def test_a_database_that_does_not_answer_is_one_plain_line_without_its_password(config: Path) -> None:
    with (config / "czar.yaml").open("a") as more:
        more.write("database_file: database-url\n")
    (config / "database-url").touch(mode=0o600)
    (config / "database-url").write_text("postgresql+psycopg://czar:hidden@127.0.0.1:1/czar\n")
    said = refusal(czar("stats", "--config", config))
    assert "the journal cannot be opened" in said
    assert "hidden" not in said
