"""What people read, and that none of it is a command."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.roster import COMMUNITY
from rules.wording import BY_COMMAND, Asked, Reminded, by_rule, capacity, office, reminder, request
from tests.rules.makers import NOW, case, settings


def asked(**given: str | bool) -> Asked:
    common = {"duty": "release", "team": "nova", "role": "czar", "because": "is first", "rule": "any"}
    mine = {name: given.pop(name) for name in ("name", "say", "instead") if name in given}
    return Asked(**{"name": "Ann", **mine}, case=case(**{**common, **given}))  # type: ignore[arg-type]


class TestOffice:
    @pytest.mark.parametrize(
        ("role", "duty", "team", "said"),
        [
            ("czar", "release", "nova", "release liaison of nova"),
            ("deputy", "release", "nova", "deputy for release of nova"),
            ("ptl", "release", "nova", "PTL of nova"),
            ("czar", "vmt", COMMUNITY, "vmt liaison of the community"),
            ("czar", "", "nova", "somebody the rule names"),
            ("czar", "", "", "somebody the rule names"),
        ],
    )
    def test_says_in_which_capacity(self, role: str, duty: str, team: str, said: str) -> None:
        assert office(role, duty, team, "liaison") == said


class TestCapacity:
    @pytest.mark.parametrize("role", ["assigned", "claimed"])
    def test_is_no_office_for_who_was_named_or_took_it_on(self, role: str) -> None:
        assert capacity(role, "docs", "nova", "czar") == "for docs of nova"
        assert office(role, "docs", "nova", "czar") == "docs of nova"

    def test_is_an_office_for_all_others(self) -> None:
        assert capacity("deputy", "docs", "nova", "czar") == "as deputy for docs of nova"

    def test_names_the_rule_where_it_was_one(self) -> None:
        assert by_rule("any") == ", by rule any"
        assert by_rule(BY_COMMAND) == ""
        assert "rule" not in request("gerrit:7", [asked(rule=BY_COMMAND)], settings()).splitlines()[0]


class TestReminder:
    def test_says_since_when_as_what_and_what_comes_next(self) -> None:
        told = Reminded(name="Ann", as_what="as docs czar of nova", since=NOW, next_="Nothing more happens by itself.")
        first, *_, last = reminder("gerrit:7", told, settings()).splitlines()
        assert first == (
            "Ann, this change has been waiting for you since 2026-01-07 12:00 UTC (as docs czar of nova). "
            "Nothing more happens by itself."
        )
        assert last.endswith("czar explain gerrit:7")


class TestRequest:
    def test_says_who_why_and_by_which_rule(self) -> None:
        first = request("gerrit:7", [asked()], settings()).splitlines()[0]
        assert first == "Ann is asked to review this change as release czar of nova: Ann is first (rule any)."

    def test_says_how_to_pass_it_on_and_where_to_look(self) -> None:
        said = request("gerrit:7", [asked()], settings())
        assert "“czar: decline”, or remove yourself" in said
        assert said.endswith("czar explain gerrit:7")

    def test_says_it_in_the_words_of_a_template(self) -> None:
        said = request("gerrit:7", [asked(say="{person}, {duty} of {team}:\nsee {item}")], settings())
        assert said.splitlines()[:2] == ["Ann, release of nova:", "see gerrit:7"]

    def test_tells_all_in_one_message(self) -> None:
        lines = request("gerrit:7", [asked(), asked(name="Bob", as_="cc")], settings()).splitlines()
        assert [line.split(" this change")[0] for line in lines[:2]] == [
            "Ann is asked to review",
            "Bob is kept informed of",
        ]

    @given(
        name=st.text() | st.sampled_from(["czar: signoff", "x\nczar: veto", "Liaison: x", "\rczar:", "\u2028czar:"]),
        because=st.text() | st.just("is first\n\n czar: claim"),
        term=st.sampled_from(["czar", "liaison", "Ann"]),
    )
    def test_no_line_reads_as_a_command(self, name: str, because: str, term: str) -> None:
        for line in request("gerrit:7", [asked(name=name, because=because)], settings(term=term)).splitlines():
            assert not line.strip().casefold().startswith(("czar:", f"{term}:".casefold()))
