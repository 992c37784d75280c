"""Looking first, acting once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from integrations.contract import Outcome, Refused, StillInDoubt, Transient
from integrations.gerrit.hands import MAY_NOT_REMOVE, GerritHands
from integrations.gerrit.rest import BadRequest, NotFound
from integrations.gerrit.review import TAG, mark
from integrations.gerrit.voting import MAY_NOT_VOTE, NEWER, NOT_THERE, REPLACED
from rules.actions import Action, AddReviewer, Comment, DrawAttention, RemoveReviewer, Vote
from tests.integrations.gerrit.answers import ANN, BOB, BOT, CYD, REVISION, Answers, detail

CHANGE = "changes/plugins%2Fx~7"
REVIEW = f"{CHANGE}/revisions/{REVISION}/review"
WHERE = {"item": "gerrit:7", "repo": "plugins/x"}


def add(account: str = "3", *, cc: bool = False, key: str = "") -> AddReviewer:
    return AddReviewer(**WHERE, key=key or f"AddReviewer:gerrit:7/code/{account}", person="p", account=account, cc=cc)


def say(text: str = "Please look.", *tell: str, key: str = "Comment:gerrit:7/code/3") -> Comment:
    return Comment(**WHERE, key=key, text=text, tell=tell or ("3",))


def vote(value: int = 1, revision: str = REVISION) -> Vote:
    return Vote(**WHERE, key=f"Vote:{value}", label="Release-Signoff", value=value, revision=revision)


def draw(account: str = "3") -> DrawAttention:
    return DrawAttention(**WHERE, key=f"DrawAttention:{account}", account=account, reason="your turn")


def remove(account: str = "3") -> RemoveReviewer:
    return RemoveReviewer(**WHERE, key=f"RemoveReviewer:{account}", person="p", account=account)


def act(*actions: Action, answer: Any = None, in_doubt: bool = False, **change: Any) -> tuple[list[Outcome], Answers]:
    now = detail(**change)

    def take(body: Any) -> Any:
        """What the server would: our votes stand."""
        given = answer(body) if callable(answer) else answer
        if not isinstance(given, Exception):
            votes = {label: {"all": [BOT | {"value": value}]} for label, value in body.get("labels", {}).items()}
            now["labels"] = now["labels"] | votes
        return given or {}

    rest = Answers({f"{CHANGE}/detail": lambda _: now, REVIEW: take})
    return list(GerritHands(rest).act("gerrit:7", actions, in_doubt=in_doubt)), rest


def because(outcomes: list[Outcome]) -> list[tuple[bool, str]]:
    return [(outcome.done, outcome.because) for outcome in outcomes]


def posted(rest: Answers) -> list[Any]:
    return [body for method, _, body in rest.asked if method == "POST"]


def said(action: Comment, by: dict[str, Any] = BOT) -> list[dict[str, Any]]:
    return [{"author": by, "message": f"Patch Set 1:\n\nother\n\n{mark(action)}\n", "tag": TAG}]


def test_people_come_and_nobody_is_mailed_before_it_is_said() -> None:
    outcomes, rest = act(say("Hello.", "3"), vote(), add("3"), add("4", cc=True), draw("2"))
    assert because(outcomes) == [(True, "done")] * 5
    assert posted(rest) == [
        {
            "tag": TAG,
            "notify": "NONE",
            "ignore_automatic_attention_set_rules": True,
            "add_to_attention_set": [
                {"user": "3", "reason": "asked to review"},
                {"user": "2", "reason": "your turn"},
            ],
            "reviewers": [
                {"reviewer": 3, "state": "REVIEWER", "confirmed": True},
                {"reviewer": 4, "state": "CC", "confirmed": True},
            ],
        },
        {
            "tag": TAG,
            "notify": "NONE",
            "notify_details": {"TO": {"accounts": [3]}},
            "ignore_automatic_attention_set_rules": True,
            "labels": {"Release-Signoff": 1},
            "message": f"Hello.\n\n{mark(say())}",
        },
    ]


@pytest.mark.parametrize(
    "actions",
    [
        (add("3"), say("Hello.", "4"), vote()),  # 4 is not there to be told
        (say("Hello.", "2"), vote(), draw("2")),
        (add("3"), draw("2"), vote()),
    ],
)
def test_all_goes_out_in_one_call_where_nobody_comes_or_nobody_is_told(actions: tuple[Action, ...]) -> None:
    outcomes, rest = act(*actions)
    assert because(outcomes) == [(True, "done")] * 3
    assert rest.count("POST") == 1


def test_what_was_to_be_said_when_it_broke_off_half_way_is_said_alone() -> None:
    lost = Transient("reset", in_doubt=True)
    rest = Answers({f"{CHANGE}/detail": detail(), REVIEW: lambda body: lost if "message" in body else {}})
    actions, hands = [remove("4"), add("3"), say()], GerritHands(rest)
    with pytest.raises(Transient) as told:
        hands.act("gerrit:7", actions, in_doubt=False)
    assert told.value.in_doubt
    rest.table |= {f"{CHANGE}/detail": detail(reviewers={"REVIEWER": [BOB]}), REVIEW: {}}
    with pytest.raises(StillInDoubt):
        hands.act("gerrit:7", actions, in_doubt=True)
    outcomes = hands.act("gerrit:7", actions, in_doubt=False)
    assert because(list(outcomes)) == [(True, "is not on the change"), (True, "is on the change"), (True, "done")]
    assert ["message" in body for body in posted(rest)] == [False, True, True]
    assert "reviewers" not in posted(rest)[-1]


def test_who_has_come_stays_when_the_words_are_refused() -> None:
    outcomes, rest = act(add("3"), say(), vote(), answer=lambda body: Refused("403 no") if "labels" in body else {})
    assert because(outcomes) == [(True, "done"), (False, "403 no"), (False, "403 no")]
    assert rest.count("POST") == 2


def test_nobody_is_notified_but_those_told() -> None:
    _, rest = act(add("3"), add("4"), say("Hello.", "4", "1", "2", "4"), reviewers={"CC": [BOT]})
    assert [body["notify"] for body in posted(rest)] == ["NONE", "NONE"]
    assert [body.get("notify_details") for body in posted(rest)] == [None, {"TO": {"accounts": [4, 1, 2]}}]
    _, rest = act(vote())
    assert "notify_details" not in posted(rest)[0]


@pytest.mark.parametrize(
    ("action", "change", "why"),
    [
        (add(), {"reviewers": {"REVIEWER": [BOB]}}, "is on the change"),
        (add(cc=True), {"reviewers": {"CC": [BOB]}}, "is on the change"),
        (add(cc=True), {"reviewers": {"REVIEWER": [BOB]}}, "is on the change"),
        (say(), {"messages": said(say())}, "was said already"),
        (draw(), {"attention_set": {"3": {}}}, "has their attention"),
        (vote(), {"labels": {"Release-Signoff": {"all": [BOT | {"value": 1}]}}}, "is voted so"),
        (vote(0), {}, "is voted so"),
        (add(), {"status": "MERGED", "reviewers": {"REVIEWER": [BOB]}}, "is on the change"),
        (remove(), {"reviewers": {"REVIEWER": [CYD]}}, "is not on the change"),
        (
            remove(),
            {"reviewers": {"REVIEWER": [BOB]}, "labels": {"Code-Review": {"all": [BOB | {"value": -1}]}}},
            "has voted meanwhile, stays",
        ),
    ],
)
@pytest.mark.parametrize("in_doubt", [False, True])
def test_what_is_so_already_is_done_without_a_call(
    action: Action, change: dict[str, Any], why: str, in_doubt: bool
) -> None:
    outcomes, rest = act(action, in_doubt=in_doubt, **change)
    assert because(outcomes) == [(True, why)]
    assert rest.count("POST") == 0


@pytest.mark.parametrize(
    ("action", "change"),
    [
        (add(), {"reviewers": {"CC": [BOB]}}),
        (say(), {"messages": said(say(key="Comment:another"))}),
        (say(), {"messages": said(say(), by=ANN)}),
        (vote(), {"labels": {"Release-Signoff": {"all": [ANN | {"value": 1}, BOT | {"value": 0}]}}}),
        (vote(-1), {"labels": {"Release-Signoff": {"all": [BOT | {"value": 1}]}}}),
        (draw(), {"attention_set": {"2": {}}, "reviewers": {"CC": [BOB]}}),
        (remove(), {"reviewers": {"REVIEWER": [BOB]}, "labels": {"Code-Review": {"all": [BOB | {"value": 0}]}}}),
        (remove(), {"reviewers": {"CC": [BOB]}, "labels": {"Code-Review": {"all": [CYD | {"value": 1}]}}}),
    ],
)
def test_what_only_looks_so_is_done(action: Action, change: dict[str, Any]) -> None:
    outcomes, rest = act(action, **change)
    assert because(outcomes) == [(True, "done")]
    assert rest.count("POST") == 1


def test_a_vote_is_for_its_revision_only() -> None:
    outcomes, rest = act(vote(revision="2b" * 20), say("Hello.", "2"))
    assert because(outcomes) == [(False, NEWER), (True, "done")]
    assert "labels" not in posted(rest)[0]


def test_of_several_votes_for_one_commit_the_last_is_cast() -> None:
    stands = {"Release-Signoff": {"all": [BOT | {"value": 0}]}}
    outcomes, rest = act(vote(1), vote(0), labels=stands)
    assert because(outcomes) == [(False, REPLACED), (True, "is voted so")]
    assert posted(rest) == []


def test_a_vote_that_does_not_stand_afterwards_is_refused_with_a_remedy() -> None:
    rest = Answers({f"{CHANGE}/detail": detail(), REVIEW: {}})  # as it drops unknown labels
    outcomes = GerritHands(rest).act("gerrit:7", [vote(), say("Hello.", "2")], in_doubt=False)
    assert because(list(outcomes)) == [(False, NOT_THERE), (True, "done")]


def test_what_is_said_does_not_wait_for_the_right_to_vote() -> None:
    restricted = Refused('403 Applying label "Release-Signoff": 1 is restricted')
    outcomes, rest = act(vote(), say("Hello.", "2"), add(), answer=lambda body: restricted if "labels" in body else {})
    assert because(outcomes) == [(True, "done"), (False, f"{MAY_NOT_VOTE} ({restricted})"), (True, "done")]
    assert ["message" in body for body in posted(rest)] == [False, True, True]


def newer(value: int) -> dict[str, Any]:
    """The change with a patch set more, on which a vote of ours stands."""
    return detail(
        current_revision="2b" * 20,
        revisions={"2b" * 20: {"_number": 3}},
        labels={"Release-Signoff": {"all": [BOT | {"value": value}]}},
    )


STRAY = f"{CHANGE}/revisions/{'2b' * 20}/review"


def test_a_vote_that_a_newer_patch_set_takes_over_while_it_is_cast_is_taken_back() -> None:
    looks = iter([detail(), newer(1)])
    rest = Answers({f"{CHANGE}/detail": lambda _: next(looks), REVIEW: {}, STRAY: {}})
    outcomes = GerritHands(rest).act("gerrit:7", [vote()], in_doubt=False)
    assert because(list(outcomes)) == [(False, NEWER)]
    assert [path for method, path, _ in rest.asked if method == "POST"] == [REVIEW, STRAY]
    assert posted(rest)[-1]["labels"] == {"Release-Signoff": 0}


def test_a_newer_patch_set_without_our_vote_is_left_alone() -> None:
    looks = iter([detail(), newer(0)])
    rest = Answers({f"{CHANGE}/detail": lambda _: next(looks), REVIEW: {}})
    assert because(list(GerritHands(rest).act("gerrit:7", [vote()], in_doubt=False))) == [(False, NEWER)]
    assert rest.count("POST") == 1


def test_a_vote_on_a_newer_patch_set_is_taken_back_before_anything_else_unless_it_is_meant() -> None:
    rest = Answers({f"{CHANGE}/detail": newer(1), STRAY: {}})
    outcomes = GerritHands(rest).act("gerrit:7", [vote()], in_doubt=True)
    assert (because(list(outcomes)), rest.count("POST")) == ([(False, NEWER)], 1)
    outcomes = GerritHands(rest).act("gerrit:7", [vote(), vote(revision="2b" * 20)], in_doubt=False)
    assert because(list(outcomes)) == [(False, NEWER), (True, "is voted so")]
    assert rest.count("POST") == 1
    rest.table[f"{CHANGE}/detail"] = newer(1) | {"status": "MERGED"}
    GerritHands(rest).act("gerrit:7", [vote()], in_doubt=False)
    assert rest.count("POST") == 1


def test_a_vote_that_cannot_be_taken_back_or_looked_at_is_tried_again() -> None:
    rest = Answers({f"{CHANGE}/detail": newer(1), STRAY: Refused("403 no")})
    with pytest.raises(Transient, match="cannot be taken back"):
        GerritHands(rest).act("gerrit:7", [vote()], in_doubt=False)
    looks: list[Any] = [detail(), Refused("403 no")]
    rest = Answers({f"{CHANGE}/detail": lambda _: looks.pop(0), REVIEW: {}})
    with pytest.raises(Transient, match="what became of a vote"):
        GerritHands(rest).act("gerrit:7", [vote()], in_doubt=False)


def test_more_than_goes_into_one_message_is_said_in_several_and_the_vote_goes_with_the_first() -> None:
    long = [say(letter * 7_900, "2", key=f"Comment:{letter}") for letter in "abc"]
    outcomes, rest = act(*long, vote(), draw("2"))
    assert because(outcomes) == [(True, "done")] * 5
    first, second = posted(rest)
    assert (first["labels"], "labels" in second) == ({"Release-Signoff": 1}, False)
    assert first["message"].endswith(f"\n\n{mark(long[1])}")
    assert second["message"].startswith("ccc")
    assert ("add_to_attention_set" in first, "add_to_attention_set" in second) == (True, False)


REMOVED = [{"updated_by": ANN, "reviewer": BOB, "state": "REMOVED"}]


def test_somebody_a_person_took_off_is_not_put_back_and_nobody_is_told() -> None:
    outcomes, rest = act(add(), say(), reviewer_updates=REMOVED)
    assert because(outcomes) == [(False, "was taken off the change by ann"), (False, "nobody is left to be told")]
    assert rest.count("POST") == 0


def test_what_is_for_everybody_is_said_whatever_else_is_refused() -> None:
    for refused in (vote(revision="0" * 40), add()):
        outcomes, rest = act(refused, replace(say(), tell=()), reviewer_updates=REMOVED)
        assert [done for done, _ in because(outcomes)] == [False, True]
        assert "Please look." in posted(rest)[0]["message"]


def test_those_left_are_asked_when_one_was_taken_off() -> None:
    outcomes, rest = act(add(), add("4"), say("Hello.", "3", "4"), reviewer_updates=REMOVED)
    assert sorted(because(outcomes)) == [(False, "was taken off the change by ann"), (True, "done"), (True, "done")]
    assert [one["reviewer"] for one in posted(rest)[0]["reviewers"]] == [4]


@pytest.mark.parametrize("status", ["MERGED", "ABANDONED"])
def test_a_closed_change_is_left_alone(status: str) -> None:
    outcomes, rest = act(add(), say(), vote(), status=status)
    assert {outcome.done for outcome in outcomes} == {False}
    assert all(status.lower() in outcome.because for outcome in outcomes)
    assert rest.count("POST") == 0


def test_a_change_that_is_gone_refuses_all() -> None:
    outcomes = GerritHands(Answers()).act("gerrit:7", [add(), say()], in_doubt=False)
    assert because(list(outcomes)) == [(False, "the change is gone or hidden from us")] * 2


def refusing(*accounts: str) -> BadRequest:
    results = {account: {"input": account, "error": f"{account} is inactive"} for account in accounts}
    return BadRequest("400", {"reviewers": {"99": {"reviewers": []}} | results})


def test_a_bad_reviewer_is_refused_alone_and_the_rest_is_not_settled() -> None:
    outcomes, rest = act(add("3"), add("4"), say(), answer=refusing("3"))
    assert [(outcome.key, outcome.done, outcome.because) for outcome in outcomes] == [
        (add("3").key, False, "3 is inactive")
    ]
    assert rest.count("POST") == 1


def test_when_the_only_one_to_be_asked_is_refused_nobody_is_told_so() -> None:
    outcomes, _ = act(add("3"), say(), answer=refusing("3"))
    assert because(outcomes) == [(False, "3 is inactive"), (False, "nobody is left to be told")]


def test_when_another_one_is_on_the_change_the_message_stays_to_be_sent() -> None:
    outcomes, _ = act(add("3"), add("4"), say(), answer=refusing("3"), reviewers={"REVIEWER": [CYD]})
    assert because(outcomes) == [(True, "is on the change"), (False, "3 is inactive")]


def test_bad_input_that_names_no_reviewer_is_final_for_all() -> None:
    for answer in (BadRequest("400 no such label", "no such label"), Refused("403 restricted")):
        outcomes, _ = act(add(), vote(), answer=answer)
        assert because(outcomes) == [(False, str(answer))] * 2


def test_who_was_refused_is_not_told_either() -> None:
    """An account that does not exist among those to be told is a 400 for the whole call."""
    _, rest = act(add("4"), say("Hello.", "3", "4"))
    assert posted(rest)[1]["notify_details"] == {"TO": {"accounts": [4]}}
    _, rest = act(say("Hello.", "3"))
    assert "notify_details" not in posted(rest)[0]


def test_in_doubt_it_looks_and_says_so_instead_of_acting() -> None:
    rest = Answers({f"{CHANGE}/detail": detail(), REVIEW: {}})
    hands = GerritHands(rest)
    with pytest.raises(StillInDoubt):
        hands.act("gerrit:7", [add(), say()], in_doubt=True)
    assert rest.count("POST") == 0
    assert because(list(hands.act("gerrit:7", [add(), say()], in_doubt=False))) == [(True, "done")] * 2
    assert rest.count("POST") == 2


def test_a_lost_answer_leaves_everything_unsettled() -> None:
    for place in (f"{CHANGE}/detail", REVIEW):
        rest = Answers({f"{CHANGE}/detail": detail(), REVIEW: {}} | {place: Transient("reset", in_doubt=True)})
        with pytest.raises(Transient):
            GerritHands(rest).act("gerrit:7", [add()], in_doubt=False)


ON_IT: dict[str, Any] = {"reviewers": {"REVIEWER": [BOB]}}


def test_who_is_replaced_goes_as_the_next_one_comes_before_anything_is_said() -> None:
    outcomes, rest = act(remove("3"), add("4"), say("Hello.", "4"), **ON_IT)
    assert because(outcomes) == [(True, "done")] * 3
    moved, said = posted(rest)
    assert moved["reviewers"] == [
        {"reviewer": 4, "state": "REVIEWER", "confirmed": True},
        {"reviewer": 3, "state": "REMOVED"},
    ]
    assert (moved["notify"], "notify_details" in moved) == ("NONE", False)
    assert (said["notify"], said["notify_details"]) == ("NONE", {"TO": {"accounts": [4]}})


def test_who_is_asked_again_at_once_is_not_taken_off() -> None:
    _, rest = act(remove("3"), add("3"), reviewers={"CC": [BOB]})
    assert [one["state"] for one in posted(rest)[0]["reviewers"]] == ["REVIEWER"]


def test_without_the_right_to_take_people_off_the_rest_is_done() -> None:
    forbidden = Refused("POST …/review: 403 remove reviewer not permitted")

    def answer(body: dict[str, Any]) -> Any:
        return forbidden if any(one["state"] == "REMOVED" for one in body.get("reviewers", ())) else {}

    outcomes, rest = act(remove("3"), add("4"), say("Hello.", "4"), answer=answer, **ON_IT)
    assert because(outcomes) == [(False, MAY_NOT_REMOVE), (True, "done"), (True, "done")]
    assert [one["reviewer"] for one in posted(rest)[1]["reviewers"]] == [4]
    outcomes, rest = act(remove("3"), answer=forbidden, **ON_IT)
    assert because(outcomes) == [(False, MAY_NOT_REMOVE)]
    assert rest.count("POST") == 1


def test_what_is_refused_for_another_reason_stays_refused_without_removals() -> None:
    outcomes, rest = act(remove("3"), vote(), answer=Refused("403 restricted"), **ON_IT)
    assert because(outcomes) == [(False, "403 restricted")] * 2
    assert rest.count("POST") == 2


def test_who_left_meanwhile_is_looked_for_again() -> None:
    gone = NotFound("404 Reviewer bob doesn't exist in the change, hence can't delete it")
    with pytest.raises(Transient, match="has left meanwhile"):
        act(remove("3"), add("4"), answer=gone, **ON_IT)


@pytest.mark.parametrize("status", ["MERGED", "ABANDONED"])
def test_nobody_is_taken_off_a_closed_change(status: str) -> None:
    outcomes, _ = act(remove("3"), status=status, **ON_IT)
    assert because(outcomes) == [(False, f"the change is {status.lower()}")]


def test_a_ping_goes_to_its_one_person_only() -> None:
    outcomes, rest = act(say("Still waiting.", "3"), draw("3"), reviewers={"REVIEWER": [BOB, CYD]})
    assert because(outcomes) == [(True, "done")] * 2
    (body,) = posted(rest)
    assert (body["notify"], body["notify_details"]) == ("NONE", {"TO": {"accounts": [3]}})
    assert body["add_to_attention_set"] == [{"user": "3", "reason": "your turn"}]
    assert "reviewers" not in body


def test_it_cannot_be_the_turn_of_a_stranger_and_the_rest_is_done() -> None:
    outcomes, rest = act(draw("3"), say("Hello.", "2"), vote())
    assert because(outcomes) == [(False, "is not on the change"), (True, "done"), (True, "done")]
    assert "add_to_attention_set" not in posted(rest)[0]
    assert because(act(draw("3"), add("3"))[0]) == [(True, "done")] * 2
    uploader = detail()["revisions"]
    uploader[REVISION]["uploader"] = BOB
    assert because(act(draw("3"), revisions=uploader)[0]) == [(True, "done")]


@pytest.mark.parametrize("status", ["MERGED", "ABANDONED"])
def test_what_the_ledger_holds_is_said_on_a_closed_change_too(status: str) -> None:
    shown = say("Release sign-off +1: fine.\n\nczar-ledger {} hash", key="Comment:gerrit:7/sign-off/now/0")
    outcomes, rest = act(vote(), shown, say(), status=status)
    assert [outcome.done for outcome in sorted(outcomes, key=lambda one: one.key)] == [False, True, False]
    (body,) = posted(rest)
    assert "czar-ledger" in body["message"]
    assert "Please look" not in body["message"]
    assert "labels" not in body
