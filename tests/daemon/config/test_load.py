from __future__ import annotations

import gc
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.config.governance import GovernanceSettings, Kept
from daemon.config.load import load, load_roster
from daemon.config.load import settings as settings_of
from daemon.config.mistakes import Mistakes
from rules.roster import Person, Roster
from rules.signoff.rule import with_ladder
from rules.verdicts import Limits
from tests.daemon.config.makers import CZAR, EXAMPLES, ROSTER, RULES, write


@pytest.mark.parametrize("example", sorted(path.name for path in EXAMPLES.iterdir()))
def test_the_examples_are_valid(example: str) -> None:
    assert load(EXAMPLES / example).rules


def test_the_example_of_the_rule_language_means_what_it_says() -> None:
    config = load(EXAMPLES / "small")
    nova = config.roster.teams["nova"]
    assert nova.duties["release"].czars == ("ann", "bob")
    assert config.roster.community["vmt"].private
    assert [rule.id for rule in config.rules] == ["bug-private", "bug-new", "gate-red", "docs-only", "any-code"]
    assert [rule.slot for rule in config.rules] == ["bugs", "bugs", "gate", "code", "code"]
    assert len(config.ladders["review"]) == 3
    assert [note.code for note in config.notes] == ["unused", "unfollowed", "unfollowed"]


def test_the_replay_example_has_every_way_to_pick() -> None:
    config = load(EXAMPLES / "gerrit-plugins")
    assert not config.notes
    assert {rule.ask.pick for rule in config.rules if rule.ask} == {1, "all", "first", "rotation"}
    assert set(config.roster.owners) == {
        f"plugins/{name}" for name in ("its-base", "webhooks", "events-log", "reviewers")
    }


def test_the_examples_in_the_documents_are_valid(tmp_path: Path) -> None:
    roster, rules = (_in_document(name) for name in ("roster", "rules"))
    own = "".join(line for line in roster.splitlines(True) if not line.startswith(("governance:", "liaisons:")))
    config = load(write(tmp_path, roster=own, rules=rules))
    assert not config.notes
    assert config.roster.teams["nova"].final_say
    assert config.backlog


def test_the_example_of_the_service_in_the_documents_is_valid(tmp_path: Path) -> None:
    roster = "people: {ann: {gerrit: ann}}\ncommunity: {duties: {tc: {czars: ann}, releases: {czars: ann}}}\n"
    config = load(write(tmp_path, czar=_in_document("config"), roster=roster, rules="rules: []\n"))
    assert not config.notes
    (signoff,) = config.service.signoff
    assert signoff.override


def test_sign_offs_are_known_to_deciding_by_their_repo(tmp_path: Path) -> None:
    config = load(write(tmp_path, czar=CZAR + "signoff: [{project: a}, {project: b, quorum: 2}]\n"))
    found = settings_of(config, since=None, ourselves="", roster_trouble="gone")
    assert {repo: terms.quorum for repo, terms in found.signoff.items()} == {"a": 1, "b": 2}
    assert (found.roster_trouble, settings_of(config, since=None, ourselves="").roster_trouble) == ("gone", "")


def test_what_was_read_of_governance_is_remembered(tmp_path: Path) -> None:
    directory = write(tmp_path, roster="governance: {file: p.yaml}\n", rules="rules: []\n")
    config = load(directory, governance=lambda _: Roster(people={}, teams={}, revision="governance 1a2b"))
    assert config.governance == GovernanceSettings(governance=Kept(file=tmp_path / "p.yaml"))
    assert config.governance_revision == "governance 1a2b"
    assert load(write(tmp_path, roster=ROSTER)).governance is None


def _in_document(name: str) -> str:
    """The first example of a page of docs/."""
    text = (EXAMPLES.parent / "docs" / f"{name}.md").read_text(encoding="utf-8")
    return text.partition("```yaml\n")[2].partition("```")[0]


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(Mistakes) as refused:
        load(write(tmp_path, czar="mode: [", roster="tems: {}\n", rules="rules: {}\n"))
    assert [mistake.file for mistake in refused.value.mistakes] == ["czar.yaml", "roster.yaml", "rules.yaml"]


def test_a_broken_roster_does_not_make_every_name_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(Mistakes) as refused:
        load(write(tmp_path, roster="people: [\n"))
    assert [mistake.file for mistake in refused.value.mistakes] == ["roster.yaml"]


def test_a_directory_that_is_not_there_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(Mistakes, match=r"nowhere:1:1: there is no such directory: name it with --config DIR"):
        load(tmp_path / "nowhere")


def test_only_what_is_needed_is_read(tmp_path: Path) -> None:
    write(tmp_path, czar="mode: [", rules="rules: [")
    config = load(tmp_path, need=("roster",))
    assert set(config.roster.people) == {"ann", "bob"}
    assert (config.rules, config.service.mode, config.service.term) == ((), "act", "czar")


def test_secrets_are_looked_at_where_they_are_needed(tmp_path: Path) -> None:
    write(tmp_path)
    load(tmp_path)
    with pytest.raises(Mistakes) as refused:
        load(tmp_path, need=("czar", "secrets"))
    assert [mistake.code for mistake in refused.value.mistakes] == ["secret", "secret"]
    for name in ("gerrit-password", "gerrit-key"):
        (tmp_path / name).write_text("hunter2\n")
        (tmp_path / name).chmod(0o600)
    assert "hunter2" not in repr(load(tmp_path, need=("czar", "roster", "rules", "secrets")))


def test_versions_change_with_what_they_name(tmp_path: Path) -> None:
    first = load(write(tmp_path))
    other_rules = load(write(tmp_path, rules=RULES + "# more\n"))
    other_team = load(write(tmp_path, **{"teams.d/glance.yaml": "ptl: ann\n"}))
    assert len({first.version, other_rules.version, other_team.version}) == 3
    assert len(first.version) == 12
    assert first.roster.revision == other_rules.roster.revision != other_team.roster.revision
    assert "glance" in other_team.roster.teams


def test_settings_have_only_rules_that_are_followed(tmp_path: Path) -> None:
    rules = """
        defaults: {since: 2026-01-01, backlog: {per_day: 3}, limits: {total_per_hour: 9}}
        ladders: {slow: [{after: 2d, do: ping}]}
        rules: [{id: a, event: bug, ask: {duty: code}}, {id: b, event: change, ask: {duty: code}}]
        """
    config = load(write(tmp_path, czar=CZAR + "mode: observe\nterm: liaison\n", rules=rules))
    since = datetime(2026, 2, 1, tzinfo=UTC)
    found = settings_of(config, since=since, ourselves="bot")
    assert [rule.id for rule in found.changes.rules] == ["b"]
    assert (found.mode, found.term, found.since, found.ourselves) == ("observe", "liaison", since, "bot")
    assert (found.limits, found.version) == (Limits(total_per_hour=9), config.version)
    assert (config.backlog, found.ladders, found.started) == (3, with_ladder(config.ladders), None)
    assert settings_of(config, since=None, ourselves="bot", started=since).started == since
    assert config.since == datetime(2026, 1, 1, tzinfo=UTC)
    assert (
        settings_of(config, since=None, ourselves="bot", limits=Limits(rule_per_hour=None)).limits.rule_per_hour is None
    )


def test_nobody_is_told_what_reads_as_a_command(tmp_path: Path) -> None:
    rules = "templates: {hello: 'Liaison: claim'}\nrules: []\n"
    load(write(tmp_path, rules=rules))
    with pytest.raises(Mistakes, match=r"rules\.yaml:1:20: template 'hello': the line 'Liaison: claim' would be read"):
        load(write(tmp_path, czar=CZAR + "term: liaison\n", rules=rules))


def test_rules_may_speak_of_people_whom_only_governance_has(tmp_path: Path) -> None:
    joe = Person(key="joe@example.org", emails=("joe@example.org",))
    write(
        tmp_path,
        roster=ROSTER + "governance: {file: projects.yaml}\n",
        rules="rules: [{id: a, event: change, ask: {people: [joe@example.org]}}]\n",
    )
    config = load(tmp_path, governance=lambda _: Roster(people={joe.key: joe}, teams={}))
    assert config.rules[0].ask is not None
    assert config.rules[0].ask.people == ("joe@example.org",)


def test_a_roster_may_stand_alone(tmp_path: Path) -> None:
    (tmp_path / "who.yaml").write_text(ROSTER)
    assert set(load_roster(tmp_path / "who.yaml").teams) == {"nova"}
    (tmp_path / "who.yaml").write_text("tems: {}\n")
    with pytest.raises(Mistakes, match=r"who\.yaml:1:1: unknown key 'tems'"):
        load_roster(tmp_path / "who.yaml")
    with pytest.raises(Mistakes, match=r"there is no nobody\.yaml"):
        load_roster(tmp_path / "nobody.yaml")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, **{"teams.d/.swp": "[", "teams.d/nova.yml": ""})
    (tmp_path / "rules.yaml").unlink()
    (tmp_path / "rules.yaml").mkdir()
    with pytest.raises(Mistakes) as refused:
        load(tmp_path)
    assert str(refused.value).splitlines() == [
        "rules.yaml:1:1: cannot be read: Is a directory",
        "teams.d/nova.yml:1:1: a file here is called TEAM.yaml",
    ]


def test_the_collector_goes_on_afterwards(tmp_path: Path) -> None:
    with pytest.raises(Mistakes):
        load(tmp_path)
    assert gc.isenabled()


WORDS = """id event when unless allow slot ask else ladder duty people of pick as change bug gate tag repo size file
    teams community governance liaisons git path bots ptl duties czars rotation order every start tz slots person from
    to deputies private term gerrit launchpad email away cover cap weight url user ssh port signoff notify defaults
    ladders after do add limits since rules mode code ann nova templates say backlog per_day path watches paths
    requirements final_say freeze deliverables holidays {person} 1 -1 0x1 1e9 true ~ 2026-08-03 7d re:( !x ** [] {}
    """.split()  # noqa: SIM905  (one word a line would be a page)
SCALARS = st.sampled_from(WORDS) | st.integers().map(str) | st.text(max_size=5).map(repr)
TREES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5).map(
            lambda fields: "{" + ", ".join(f"'{key}': {value}" for key, value in fields.items()) + "}"
        )
    ),
    max_leaves=25,
)
FILES = st.sampled_from(("czar.yaml", "roster.yaml", "rules.yaml", "teams.d/glance.yaml"))
HEADS = (
    "",
    "rules: [",
    "teams: {nova: ",
    "people: {ann: ",
    "gerrit: ",
    "signoff: [",
    "community: {duties: {x: ",
    "defaults: ",
)


def _refused_at_most(directory: Path, file: str, raw: bytes) -> None:
    write(directory, **{"teams.d/glance.yaml": "ptl: ann\n"})
    (directory / file).write_bytes(raw)
    try:
        load(directory)
    except Mistakes as refused:
        found = refused.mistakes
    else:
        found = ()
    assert all(mistake.line > 0 and mistake.column > 0 and mistake.message for mistake in found)


@given(FILES, st.binary() | st.text().map(str.encode))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, file: str, raw: bytes) -> None:
    _refused_at_most(tmp_path_factory.mktemp("config"), file, raw)


@given(FILES, st.sampled_from(HEADS), TREES)
@settings(deadline=None, max_examples=300)
def test_any_tree_of_known_words_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, file: str, head: str, tree: str
) -> None:
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(head) if sign in "[{")
    _refused_at_most(tmp_path_factory.mktemp("config"), file, f"{head}{tree}{closing}\n".encode())
