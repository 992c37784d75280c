"""What people are sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from daemon.config.service import Notify as Section
from daemon.config.service import Service
from daemon.letters import Sender, letter, letter_id, sender_of, wrapped
from rules.actions import Notify
from tests.daemon.journals import REPO
from tests.daemon.notices import PEOPLE, notice

ANN = PEOPLE["ann"]
GERRIT = "https://review.example.org"


def sender(**fields: Any) -> Sender:
    """The usual one."""
    given: dict[str, Any] = {"notify": Section(), "gerrit_url": f"{GERRIT}/"}
    return Sender(**(given | fields))


def test_every_paragraph_has_its_reason_and_a_link() -> None:
    text = letter(ANN, [notice(1), notice(2, reason="library", text="oslo.messaging\n 15.0.0 is out")], sender()).text
    hello, _, first, second, _, ways_out = text.split("\n\n")
    assert hello == "Hello Ann,"
    assert first == f"[reminder] gerrit:1 ({REPO}) waits for you\n{GERRIT}/c/{REPO}/+/1"
    assert second == f"[library] oslo.messaging 15.0.0 is out\n{GERRIT}/c/{REPO}/+/2"
    assert ways_out.startswith("-- \n")


def test_an_item_without_its_repo_is_linked_by_number() -> None:
    text = letter(ANN, [notice(1, repo="")], sender()).text
    assert f"{GERRIT}/1" in text.splitlines()


def test_an_item_is_named_once_with_all_there_is_to_say() -> None:
    both = [notice(1), notice(1, reason="escalation", text="nobody else answers"), notice(1, text=notice(1).text)]
    only = letter(ANN, both, sender()).text.split("\n\n")[2]
    assert only.splitlines() == [
        f"[reminder] gerrit:1 ({REPO}) waits for you",
        "[escalation] nobody else answers",
        f"{GERRIT}/c/{REPO}/+/1",
    ]


def test_a_link_that_is_in_the_text_is_not_repeated_and_one_that_is_not_known_is_left_out() -> None:
    linked = notice(1, text=f"see {GERRIT}/c/{REPO}/+/1")
    assert letter(ANN, [linked], sender()).text.count(GERRIT) == 1
    bug = notice(1, item="lp:98765", repo="")
    assert "http" not in letter(ANN, [bug], sender()).text
    assert "http" not in letter(ANN, [notice(1)], sender(gerrit_url="")).text


def test_it_tells_how_to_get_fewer_in_the_words_of_the_community() -> None:
    text = letter(ANN, [notice(1)], sender(term="liaison", web_url="https://czar.example.org")).text
    for part in (
        "“liaison: quiet”",
        "“liaison: optout”",
        "“liaison: back”",
        "At most 5 messages a day",
        "none from 22:00 to 07:00 (UTC)",
        "https://czar.example.org",
    ):
        assert part in text
    loud = sender(notify=Section.model_validate({"quiet": "never", "digest": "never"}))
    assert "none from" not in letter(ANN, [notice(1)], loud).text
    assert "digest" not in letter(ANN, [notice(1)], loud).text


def test_who_never_heard_of_it_reads_who_writes_why_what_to_do_and_how_to_pass_it_on() -> None:
    told = notice(1, text="gerrit:1 (openstack/nova) has been waiting for you since Monday, release czar of nova.")
    assert (
        letter(ANN, [told], sender(web_url="https://czar.example.org")).text
        == """\
Hello Ann,

this is czar, which asks people for reviews by what their teams have written down. 1 thing came up
for you:

[reminder] gerrit:1 (openstack/nova) has been waiting for you since Monday, release czar of nova.
https://review.example.org/c/openstack/nova/+/1

What to do: open the change and reply or vote, that is all. Not yours? A comment there with a line
“czar: decline” passes it on to the next in line. Later? “czar: snooze 3d”. Why you?
“czar: explain”.

--\x20
To get fewer: write a line “czar: quiet” in a comment on any change (the weekly digest only), or “czar: optout”
(you are neither asked nor told anything until “czar: back”).
At most 5 messages a day reach you, none from 22:00 to 07:00 (UTC).
All that waits for you: https://czar.example.org
"""
    )


def test_what_to_do_is_told_only_where_something_waits_for_them() -> None:
    assert "decline" not in letter(ANN, [notice(1, reason="library", text="oslo.log 7 is out")], sender()).text


def test_what_people_are_to_write_is_not_broken_over_lines() -> None:
    lines = wrapped("word " * 18 + "“czar: snooze 3d” and so on").splitlines()
    assert lines == ["word " * 17 + "word", "“czar: snooze 3d” and so on"]


@pytest.mark.parametrize(
    ("notices", "subject"),
    [
        ([notice(1)], "czar: 1 thing for you: reminder"),
        ([notice(1), notice(2)], "czar: 2 things for you: reminder"),
        ([notice(1, reason="library"), notice(2), notice(3)], "czar: 3 things for you, first: reminder"),
        ([notice(1), notice(1, reason="embargo")], "czar: 1 thing for you, first: embargo"),
        ([notice(1, reason="news"), notice(2, reason="library")], "czar: 2 things for you, first: news"),
    ],
)
def test_the_subject_counts_items_and_names_the_most_urgent_reason(notices: list[Notify], subject: str) -> None:
    assert letter(ANN, notices, sender()).subject == subject


def test_the_same_things_have_the_same_id_whatever_their_order() -> None:
    one, other = letter(ANN, [notice(1), notice(2)], sender()), letter(ANN, [notice(2), notice(1)], sender())
    assert one.id == other.id != letter(ANN, [notice(1)], sender()).id
    assert letter_id("ab") == letter_id("ba")


def test_who_sends_is_as_the_config_says() -> None:
    keys = {
        "gerrit": {"url": GERRIT, "user": "czar-bot"},
        "term": "liaison",
        "web": {"url": "https://czar.example.org"},
    }
    found = sender_of(Service.model_validate(keys, context={"directory": Path("/etc/czar")}))
    assert (found.term, found.gerrit_url, found.web_url) == ("liaison", GERRIT, "https://czar.example.org")
    nothing = sender_of(Service.model_validate({"launchpad": {}}, context={"directory": Path("/etc/czar")}))
    assert (nothing.gerrit_url, nothing.web_url) == ("", "")
