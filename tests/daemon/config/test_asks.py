from __future__ import annotations

import pytest

from daemon.config.asks import World, may_be_private, may_have_deputies, read_ask
from daemon.config.reading import Reading
from rules.routing import Ask
from tests.daemon.config.makers import marked, roster_of, said

ROSTER = roster_of("""
    people: {ann: {launchpad: ann, email: ann@example.org}, bob: {}}
    community: {duties: {vmt: {czars: [ann], private: true}}}
    teams:
      Nova: {duties: {code: {czars: [ann]}}}
      glance: {duties: {security: {czars: [ann], private: true}, gate: {czars: [ann], deputies: [bob]}}}
    """)[0]


def ask(text: str, event: str = "change", world: World | None = None) -> tuple[Ask | None, Reading]:
    reading = Reading("rules.yaml")
    return read_ask(reading, marked(text), event, world or World(roster=ROSTER)), reading


@pytest.mark.parametrize(
    ("text", "event", "means"),
    [
        ("{duty: code}", "change", Ask(duty="code", of="owner", pick=1, as_="reviewer")),
        ("{duty: code, pick: 2, as: cc}", "change", Ask(duty="code", pick=2, as_="cc")),
        ("{duty: bugs}", "bug", Ask(duty="bugs", as_="triager")),
        ("{duty: gate, pick: rotation}", "gate", Ask(duty="gate", pick="rotation", as_="notify")),
        ("{duty: vmt, of: community, pick: all}", "change", Ask(duty="vmt", of="community", pick="all")),
        ("{duty: code, of: nova}", "change", Ask(duty="code", of="Nova")),
        ("{people: [bob, ann@example.org, ann]}", "change", Ask(people=("bob", "ann"))),
    ],
)
def test_an_ask_with_its_defaults(text: str, event: str, means: Ask) -> None:
    found, reading = ask(text, event)
    assert not said(reading)
    assert found == means


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{duty: code, people: [ann]}", "ask needs either 'duty' or 'people'"),
        ("{pick: 1}", "ask needs either 'duty' or 'people'"),
        ("{people: []}", "'people' names nobody"),
        ("{people: [ann], of: nova}", "'of' goes with 'duty', not with 'people'"),
        ("{duty: code, pick: 1.5}", "unknown pick '1.5'"),
        ("{duty: code, pick: true}", "unknown pick 'true'"),
        ("{duty: code, as: sugest}", "unknown as 'sugest' (did you mean 'suggest'?)"),
        ("{duty: code, of: {path: x}}", "1:25: path: 'x' needs one of {deliverable}, {team}, {repo}, once"),
        ("{duty: code, of: {path: '{team}/{team}'}}", "1:25: path: '{team}/{team}' needs one of"),
        ("{duty: code, of: {path: '{tema}/x'}}", "1:25: path: '{tema}/x' needs one of"),
        ("{duty: code, of: {paths: x}}", "1:19: unknown key 'paths' (did you mean 'path'?)"),
        ("{duty: code, of: {}}", "1:18: of needs 'path'"),
        ("{people: [ann], of: {path: 'x/{team}'}}", "1:17: 'of' goes with 'duty', not with 'people'"),
        ("{duty: vtm, of: community}", "unknown duty 'vtm' (did you mean 'vmt'?)"),
        ("code", "ask must be a mapping"),
    ],
)
def test_what_cannot_be_asked(text: str, told: str) -> None:
    assert told in " ".join(said(ask(text)[1]))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{duty: docs}", "rules.yaml:1:8: note: no team holds 'docs': its PTL will be asked"),
        (
            "{duty: security, of: nova}",
            "rules.yaml:1:8: note: nobody of team 'Nova' holds 'security': its PTL will be asked",
        ),
        ("{duty: tc, of: community}", "rules.yaml:1:8: note: nobody in the community holds 'tc': nobody can be asked"),
    ],
)
def test_a_vacant_duty_is_noted_once(text: str, told: str) -> None:
    world = World(roster=ROSTER)
    found, reading = ask(text, world=world)
    assert found is not None
    assert (said(reading), [str(note) for note in reading.notes]) == ([], [told])
    assert not ask(text, world=world)[1].notes


def test_the_team_may_be_named_by_the_paths() -> None:
    found, reading = ask('{duty: code, of: {path: "docs/{team}/**"}, as: suggest}')
    assert not said(reading)
    assert found is not None
    assert (found.of, found.as_, found.path and found.path.kind) == ("path", "suggest", "team")
    assert found.path is not None
    assert found.path.names(["docs/Nova/a.rst", "README"]) == ("Nova",)


def test_paths_are_for_changes_only() -> None:
    _, reading = ask("{duty: bugs, of: {path: '{team}/**'}}", "bug")
    assert said(reading) == ["rules.yaml:1:19: 'of: {path: …}' is for changes: a bug touches no files"]


def test_deliverables_that_nobody_has_are_noted() -> None:
    _, reading = ask("{duty: code, of: {path: 'deliverables/**/{deliverable}.yaml'}}")
    assert not said(reading)
    assert [str(note) for note in reading.notes] == [
        "rules.yaml:1:25: note: no team of the roster has deliverables: nobody will be found by them"
    ]


@pytest.mark.parametrize(
    ("text", "deputies"),
    [
        ("{duty: gate}", True),
        ("{duty: gate, of: {path: '{team}/**'}}", True),
        ("{duty: gate, of: nova}", False),
        ("{duty: gate, of: glance}", True),
        ("{duty: code}", False),
        ("{people: [ann]}", False),
    ],
)
def test_which_duties_may_have_deputies(text: str, deputies: bool) -> None:
    found, _ = ask(text)
    assert found is not None
    assert may_have_deputies(found, World(roster=ROSTER)) is deputies
    assert may_have_deputies(found, World(roster=None))


def test_names_are_taken_on_trust_where_the_roster_cannot_be_read() -> None:
    found, reading = ask("{duty: whatever, of: whom}", world=World(roster=None))
    assert not said(reading)
    assert found == Ask(duty="whatever", of="whom")
    assert ask("{people: [eve]}", world=World(roster=None))[0] == Ask(people=("eve",))


@pytest.mark.parametrize(
    ("text", "private"),
    [
        ("{duty: vmt, of: community}", True),
        ("{duty: security}", True),
        ("{duty: code}", False),
        ("{duty: security, of: nova}", False),
    ],
)
def test_which_duties_may_hear_of_private_items(text: str, private: bool) -> None:
    found, _ = ask(text)
    assert found is not None
    assert may_be_private(found, World(roster=ROSTER)) is private
