"""Governance's file in the shapes it had, and what is said about a broken one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.governance.shapes import NESTING_LIMIT, Unreadable, read
from rules.roster import Roster

Sample = Callable[[str], str]

HEAD = "HEAD-2026-08-08.yaml"


def czars(roster: Roster, team: str, duty: str = "release") -> tuple[str, ...]:
    held = roster.teams[team].duties.get(duty)
    return held.czars if held else ()


def test_2014_has_one_string_for_a_ptl_and_a_list_of_projects(sample: Sample) -> None:
    roster = read(sample("2014-12-18.yaml"))
    assert len(roster.teams) == 22
    assert roster.teams["Compute"].ptl == ("Person Number0615",)
    assert roster.people["Person Number0615"].irc == "nick0280"
    assert "openstack/nova" in roster.teams["Compute"].repos


def test_2018_has_a_mapping_for_a_ptl_and_deliverables(sample: Sample) -> None:
    roster = read(sample("2018-06-28.yaml"))
    assert len(roster.teams) == 65
    assert roster.owners["openstack/nova"] == "nova"


def test_2022_gets_its_release_liaisons_from_the_other_file(sample: Sample) -> None:
    governance = sample("2022-06-27.yaml")
    roster = read(governance, liaisons=sample("release_liaisons-2022-06-30.yaml"))
    assert len(read(governance).teams) == 52
    assert set(roster.teams) - set(read(governance).teams) == {"I18n", "Packaging-rpm"}, "retired in governance"
    assert czars(roster, "adjutant") == ("person0379@company135.example",)
    assert czars(roster, "OpenStackSDK"), "known to the liaisons as openstacksdk"


def test_today_has_37_teams_with_a_ptl_and_5_without(sample: Sample) -> None:
    roster = read(sample(HEAD))
    distributed = {team.name for team in roster.teams.values() if team.distributed}
    assert distributed == {"freezer", "ironic", "oslo", "Release Management", "requirements"}
    assert len(roster.teams) - len(distributed) == 37


def test_what_governance_releases_otherwise_or_not_at_all_is_told_from_the_rest(sample: Sample) -> None:
    roster = read(sample(HEAD))
    assert "openstack/nova-specs" in roster.teams["nova"].released_elsewhere
    assert "openstack/nova" in roster.released_here
    assert "openstack/nova-specs" not in roster.released_here
    assert not any(team.released_elsewhere for team in read(sample("2014-12-18.yaml")).teams.values())


def test_a_repo_that_is_part_of_a_released_deliverable_too_is_released_here() -> None:
    text = """
    x: {deliverables: {
      a: {repos: [a, shared], release-management: none}, b: {repos: [b], release-management: external},
      c: {repos: [c], release-management: deprecated}, d: {repos: [d, shared]},
      e: {repos: [e], release-management: []}}}
    """
    assert read(text).teams["x"].released_elsewhere == ("a", "b")


def test_the_sample_of_today_names_73_people_in_123_seats(sample: Sample) -> None:
    roster = read(sample(HEAD))
    seats = [who for team in roster.teams.values() for who in team.ptl]
    seats += [who for team in roster.teams.values() for duty in team.duties.values() for who in duty.czars]
    assert (len(seats), len(set(seats)), len(roster.people)) == (123, 73, 73)


def test_the_oldest_projects_were_lists_under_three_words() -> None:
    roster = read("Compute:\n  projects:\n    integrated: [openstack/nova]\n    other: [openstack/nova-specs]\n")
    assert roster.teams["Compute"].repos == ("openstack/nova", "openstack/nova-specs")


def test_repos_may_be_one_string_and_a_repo_counts_once() -> None:
    roster = read(
        "a:\n  deliverables:\n    x: {repos: openstack/x}\n    y: {repos: [openstack/x, openstack/y]}\n    z:\n"
    )
    assert roster.teams["a"].repos == ("openstack/x", "openstack/y")


def test_a_deliverable_keeps_its_repos() -> None:
    team = read(
        "a:\n  projects: [openstack/p]\n"
        "  deliverables:\n    x: {repos: [openstack/y, openstack/x, openstack/y]}\n    z:\n"
    ).teams["a"]
    assert team.deliverables == {"x": ("openstack/y", "openstack/x"), "z": ()}
    assert team.repos == ("openstack/p", "openstack/y", "openstack/x")


@pytest.mark.parametrize("text", ["a: {deliverables: [x]}", "a: {deliverables: x}", "a: {deliverables: }"])
def test_deliverables_in_no_shape_are_none(text: str) -> None:
    assert read(text).teams["a"].deliverables == {}


def test_todays_deliverables_each_have_one_team(sample: Sample) -> None:
    roster = read(sample(HEAD))
    named = [name for team in roster.teams.values() for name in team.deliverables]
    assert roster.deliverable_teams["python-novaclient"] == "nova"
    assert len(named) == len(roster.deliverable_teams) > 500


def test_a_space_before_the_colon_is_the_same_key() -> None:
    assert read("Metering:\n  ptl : Ann Example (ann)\n").teams["Metering"].ptl == ("Ann Example",)


def test_a_distributed_team_has_no_ptl_even_where_one_is_written() -> None:
    team = read("oslo:\n  leadership_type: distributed\n  ptl: Ann (ann)\n").teams["oslo"]
    assert team.distributed
    assert team.ptl == ()


def test_a_list_of_liaisons_is_the_tc_and_no_duty() -> None:
    assert read("nova:\n  liaisons: [ann, bob]\n").teams["nova"].duties == {}


def test_tc_members_among_the_liaisons_are_no_duty() -> None:
    roster = read(
        "nova:\n  liaisons:\n    tc_members: [bob]\n    release:\n      - {name: Ann, email: ann@company.example}\n"
    )
    assert set(roster.teams["nova"].duties) == {"release"}


def test_a_duty_that_was_renamed_has_its_new_name() -> None:
    roster = read("nova:\n  liaisons:\n    events-liaison: [{name: Ann}]\n    tact-sig: [{name: Bob}]\n")
    assert {duty: held.czars for duty, held in roster.teams["nova"].duties.items()} == {
        "events": ("Ann",),
        "tact-sig": ("Bob",),
    }


def test_a_duty_held_by_a_placeholder_is_not_held() -> None:
    roster = read("nova:\n  liaisons:\n    release: [{name: APPOINTMENT NEEDED, email: example@example.org}]\n")
    assert roster.teams["nova"].duties == {}


def test_release_liaisons_come_after_governances_own_each_once() -> None:
    governance = "nova:\n  liaisons:\n    release: [{name: Ann, email: ann@company.example}]\n"
    liaisons = "nova:\n  - {name: Bob, email: bob@company.example}\n  - {name: Ann, email: Ann@company.example}\n"
    assert czars(read(governance, liaisons=liaisons), "nova") == ("ann@company.example", "bob@company.example")


def test_an_exact_name_of_a_team_wins_over_a_similar_one() -> None:
    roster = read(
        "Packaging-rpm:\nnova:\n", liaisons="packaging_rpm: [{name: Ann}]\nNova: [{name: Bob}]\nnova: [{name: Cy}]\n"
    )
    assert czars(roster, "Packaging-rpm") == ("Ann",)
    assert czars(roster, "nova") == ("Cy",)


def test_a_team_that_governance_retired_keeps_its_liaisons_and_owns_nothing() -> None:
    roster = read("nova:\n", liaisons="sahara: [{name: Ann}]\nkarbor:\n")
    assert set(roster.teams) == {"nova", "sahara"}
    assert czars(roster, "sahara") == ("Ann",)
    assert roster.teams["sahara"].repos == ()


def test_the_first_liaisons_file_was_a_list_and_counts_as_empty() -> None:
    assert czars(read("nova:\n", liaisons="- nova:\n  - {name: Ann}\n"), "nova") == ()


@pytest.mark.parametrize("text", ["", "---\n", "# nothing\n", "null\n"])
def test_a_deleted_or_empty_file_is_an_empty_roster(text: str) -> None:
    roster = read(text, revision="governance 1a2b3c4d")
    assert (dict(roster.teams), roster.revision) == ({}, "governance 1a2b3c4d")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nova:\n  ptl: [\n", "governance file: line 3, column 1: "),
        ("a: b: c\n", "governance file: line 1, column 5: mapping values are not allowed"),
        ("a:\n  b: \x00\n", "governance file: line 2, column 6: a character that YAML does not allow"),
        ("a: \ud800\n", "governance file: line 1, column 4: a character that YAML does not allow"),
        ("a: &x {b: *x}\n", "governance file: line 1, column 4: found unconstructable recursive node"),
        ("- nova\n", "governance file: line 1, column 1: not a mapping of teams"),
        ("a: {}\nnova: ann\n", "governance file: line 2, column 7: team nova is not a mapping"),
        ("[" * NESTING_LIMIT, "governance file: too many brackets"),
        ("- " * NESTING_LIMIT, "governance file: too many brackets or too long a line"),
    ],
)
def test_a_broken_file_is_refused_by_place_and_reason(text: str, message: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(text)
    assert str(refused.value).startswith(message)


def test_a_broken_liaisons_file_is_named() -> None:
    with pytest.raises(Unreadable, match=r"^release liaisons: line 1, column 1: not a mapping"):
        read("", liaisons="nova")


words = st.sampled_from(
    [
        "ptl",
        "name",
        "irc",
        "email",
        "liaisons",
        "release",
        "tc_members",
        "deliverables",
        "repos",
        "projects",
        "repo",
        "nova",
    ]
)
foreign = st.recursive(
    st.sampled_from(["", "null", "Ann (ann)", "ann@company.example", "distributed"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(words, inner, max_size=4).map(
            lambda d: "{" + ", ".join(f"{k}: {v}" for k, v in d.items()) + "}"
        )
    ),
    max_leaves=20,
)


@given(foreign, foreign)
def test_any_well_formed_text_gives_a_roster_or_is_refused(governance: str, liaisons: str) -> None:
    try:
        roster = read(governance, liaisons=liaisons)
    except Unreadable:
        return
    held = {who for team in roster.teams.values() for duty in team.duties.values() for who in duty.czars}
    assert held <= set(roster.people)


@given(st.text())
def test_any_text_gives_a_roster_or_is_refused(text: str) -> None:
    try:
        read(text, liaisons=text)
    except Unreadable:
        pass
