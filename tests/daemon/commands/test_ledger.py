"""`czar ledger`: all that was ever signed, verified, and made again from a Gerrit's comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from daemon.journal.tables import ledger
from rules.signoff.ledger import Entry, line_of
from rules.state import Effects
from tests.command_line import Ran, refusal
from tests.daemon.config.makers import write
from tests.daemon.journals import decision
from tests.daemon.kept import ROSTER, RULES, Kept
from tests.daemon.signed import OTHER_SHA, RELEASES, audit, chain, entry, gate, release
from tests.gerrit_world import Person, Pushed
from tests.stand_in_world import StandInWorld

MADE = chain(
    entry("0.9.0"),
    entry("1.0.0", own=True),
    entry("2.0.0", act="vetoed", person="bob", because="it is broken"),
    entry(release=release("9.0", repo="openstack/glance"), act="overridden", person="rel"),
    entry("0.9.0", act="expired", because="is too old"),
    entry("2.0.0", act="unvetoed", person="bob", because="took the veto back"),
)


def test_every_act_of_a_person_is_a_line_in_order_then_the_tags(kept: Kept) -> None:
    tags = (audit("1.0.0"), audit("2.0.0", state="mismatch"), audit("0.1", state="before"))
    record(kept, ledger=MADE, audits=tags)
    ran = kept.czar("ledger", "--json")
    assert (ran.code, ran.err) == (0, "")
    assert [(row["version"], row["state"], row["by"], row["self"]) for row in ran.rows] == [
        ("0.9.0", "signed", "ann", False),
        ("1.0.0", "signed", "ann", True),
        ("2.0.0", "vetoed", "bob", False),
        ("9.0", "overridden", "rel", False),
        ("0.9.0", "expired", "ann", False),
        ("2.0.0", "withdrawn", "bob", False),
        ("1.0.0", "signed", "zuul", False),
        ("2.0.0", "mismatch", "zuul", False),
    ]


def test_of_one_repo_only_what_is_its(kept: Kept) -> None:
    record(kept, ledger=MADE, audits=(audit("1.0.0"),))
    assert {row["repo"] for row in kept.czar("ledger", "openstack/glance", "--json").rows} == {"openstack/glance"}
    assert kept.czar("ledger", "openstack/cinder", "--json").rows == []


def test_for_eyes_there_is_a_table(kept: Kept) -> None:
    assert kept.czar("ledger").out == "Nothing was signed off yet.\n"
    record(kept, ledger=MADE)
    header, *lines = kept.czar("ledger").out.splitlines()
    assert header.split() == ["repo", "version", "sha", "state", "by", "role", "at", "item", "because"]
    assert len(lines) == 6


class TestVerify:
    def test_a_whole_chain_is_told_with_its_end(self, kept: Kept) -> None:
        record(kept, ledger=MADE)
        ran = kept.czar("ledger", "--verify")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out == f"The ledger has 6 entries and ends with number 6, {MADE[-1].hash}.\n"
        assert kept.czar("ledger", RELEASES, "--verify", "--json") == Ran(code=0, out="", err="")

    def test_an_empty_ledger_is_whole(self, kept: Kept) -> None:
        ran = kept.czar("ledger", "--verify")
        assert (ran.code, ran.out) == (0, "The ledger is empty.\n")

    @pytest.mark.parametrize(
        "change",
        [
            {"person": "mallory"},
            {"sha": OTHER_SHA},
            {"at": 0},
            {"rights": '[["nova","ptl"]]'},
            {"own": False},
            {"because": ""},
            {"hash": "f" * 64},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_whatever_was_changed_is_found_with_its_number(self, kept: Kept, change: dict[str, Any]) -> None:
        record(kept, ledger=MADE)
        tamper(kept, 2, **change)
        ran = kept.czar("ledger", "--verify")
        assert ran.code == 1
        assert "number 2 (gerrit:1): was changed after it was written" in ran.out
        assert 2 in {row["number"] for row in kept.czar("ledger", "--verify", "--json").rows}

    def test_what_cannot_even_be_read_is_told(self, kept: Kept) -> None:
        record(kept, ledger=MADE)
        tamper(kept, 2, rights="nova")
        ran = kept.czar("ledger", "--verify")
        assert ran.code == 1
        assert "number 2: " in ran.out
        assert "czar ledger --verify tells more" in refusal(kept.czar("ledger"))

    def test_a_row_that_was_taken_out_is_a_gap(self, kept: Kept) -> None:
        record(kept, ledger=MADE)
        with kept.journal() as journal, journal.database.write() as connection:
            connection.execute(ledger.delete().where(ledger.c.number == 3))
        ran = kept.czar("ledger", "--verify", "--json")
        assert (ran.code, [row["number"] for row in ran.rows]) == (1, [4])
        assert "comes after number 2: something between is missing" in ran.rows[0]["because"]

    def test_a_chain_written_anew_from_the_middle_is_found_by_what_was_shown(self, kept: Kept) -> None:
        record(kept, ledger=MADE, gates=(gate(published=6),))
        with kept.journal() as journal, journal.database.write() as connection:
            connection.execute(ledger.delete().where(ledger.c.number > 4))
        ran = kept.czar("ledger", "--verify", "--json")
        assert ran.code == 1
        (row,) = ran.rows
        assert (row["number"], row["item"]) == (6, "gerrit:1")
        assert "the ledger ends with number 4" in row["because"]


class Lost:
    """A Gerrit with our comments, and a journal that may be lost."""

    def __init__(self, folder: Path, kept: Kept) -> None:
        self.world = StandInWorld(folder)
        self.kept = kept
        self.bot = self.world.add_person("czar-bot", service=True)
        self.ann = self.world.add_person("ann")
        self.world.add_project(RELEASES)
        self.change = self.push()
        self.other = self.push()
        czar = f"""
            gerrit: {{url: {self.world.url}, user: czar-bot, password_file: gerrit-password}}
            state: {kept.state}
            signoff: [{{project: {RELEASES}}}]
        """
        write(kept.config, czar=czar, roster=ROSTER, rules=RULES)
        (kept.config / "gerrit-password").write_text(self.bot.password)
        (kept.config / "gerrit-password").chmod(0o600)

    def push(self) -> Pushed:
        """A change to release files."""
        return self.world.push(self.ann, RELEASES, subject="Release nova", files={"deliverables/nova.yaml": "x: 1\n"})

    def say(self, who: Person, *entries: Entry, on: Pushed | None = None) -> None:
        """Entries in one comment."""
        text = "\n".join(["Release sign-off: see below.", "", *map(line_of, entries)])
        path = f"/changes/{(on or self.change).number}/revisions/current/review"
        self.world.rest(who, "POST", path, {"message": text, "tag": "autogenerated:czar"})

    def entries(self) -> tuple[Entry, ...]:
        """What the journal has."""
        with self.kept.journal() as journal:
            return journal.signoffs.entries()


class TestRebuild:
    @pytest.fixture
    def lost(self, tmp_path: Path, kept: Kept) -> Iterator[Lost]:
        """With an empty journal."""
        made = Lost(tmp_path, kept)
        yield made
        made.world.close()

    def test_a_lost_ledger_is_made_again_from_comments_and_twice_is_once(self, lost: Lost) -> None:
        lost.say(lost.bot, *MADE[3:], on=lost.other)
        lost.say(lost.bot, *MADE[:3])
        ran = lost.kept.czar("ledger", "--rebuild")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.splitlines()[0] == "Took over 6 entries from comments in Gerrit."
        assert lost.entries() == MADE
        again = lost.kept.czar("ledger", "--rebuild", "--verify")
        assert (again.code, again.out.splitlines()[0]) == (0, "Took over 0 entries from comments in Gerrit.")
        assert lost.kept.czar("ledger", "--verify").code == 0
        assert len(lost.kept.czar("ledger", "--json").rows) == 6

    def test_only_what_is_missing_is_added(self, lost: Lost) -> None:
        record(lost.kept, ledger=MADE[:2])
        lost.say(lost.bot, *MADE)
        assert "Took over 4 entries" in lost.kept.czar("ledger", "--rebuild").out
        assert lost.entries() == MADE

    def test_what_a_person_pastes_is_ignored(self, lost: Lost) -> None:
        forged = chain(*MADE[:1], entry("6.6.6", person="ann"))
        lost.say(lost.bot, MADE[0])
        lost.say(lost.ann, forged[1])
        assert lost.kept.czar("ledger", "--rebuild").code == 0
        assert lost.entries() == MADE[:1]

    def test_what_was_never_published_is_a_gap_that_verify_goes_on_telling(self, lost: Lost) -> None:
        lost.say(lost.bot, *MADE[:2], *MADE[3:])
        for command in ("--rebuild", "--verify"):
            ran = lost.kept.czar("ledger", command)
            assert ran.code == 1
            assert "number 4 (gerrit:1): comes after number 2: something between is missing" in ran.out
        assert lost.entries() == (*MADE[:2], *MADE[3:])

    def test_a_journal_that_says_otherwise_is_left_alone(self, lost: Lost) -> None:
        other = chain(entry("7.0.0"))
        record(lost.kept, ledger=other)
        lost.say(lost.bot, *MADE)
        said = refusal(lost.kept.czar("ledger", "--rebuild"))
        assert said == "nothing was written: number 1 of the ledger here is not the one published in gerrit:" + str(
            lost.change.number
        )
        assert lost.entries() == other

    def test_where_no_server_or_no_repo_is_configured_that_is_said(self, kept: Kept) -> None:
        assert "there is no signoff in czar.yaml" in refusal(kept.czar("ledger", "--rebuild"))


def record(kept: Kept, **effects: Any) -> None:
    """As the daemon wrote it."""
    kept.decided(decision(verdicts=(), effects=Effects(**effects)))


def tamper(kept: Kept, number: int, **change: Any) -> None:
    """With the database in hand."""
    with kept.journal() as journal, journal.database.write() as connection:
        connection.execute(ledger.update().where(ledger.c.number == number).values(**change))
