from __future__ import annotations

from pathlib import Path

from daemon.config.complaints import check_names, check_secrets, read_service
from daemon.config.reading import Reading
from daemon.config.service import Service
from tests.daemon.config.makers import ROSTER, marked, roster_of, said

HERE = Path("/etc/czar")


def read(text: str) -> tuple[Service | None, Reading]:
    reading = Reading("czar.yaml")
    return read_service(marked(text), reading, HERE), reading


def test_a_wrong_value_is_never_repeated() -> None:
    _, reading = read("gerrit: {url: 'https://bot:hunter2@review', user: bot, password: hunter2}\ndatabase: hunter2\n")
    assert len(said(reading)) == 3
    assert "hunter2" not in "".join(said(reading))


def test_keys_are_known_where_they_belong() -> None:
    _, reading = read(
        "gerrit: {url: https://review, user: bot, ssh: {prot: 29418}}\nnotify: {people: {ann: {file: x}}}\n"
    )
    assert said(reading) == [
        "czar.yaml:1:48: unknown key 'prot' (did you mean 'port'?)",
        "czar.yaml:2:24: 'ann' needs 'url_file'",
        "czar.yaml:2:25: unknown key 'file' (did you mean 'url_file'?)",
    ]


def test_what_is_no_mapping_is_told() -> None:
    assert said(read("[gerrit]\n")[1]) == ["czar.yaml:1:1: czar.yaml must be a mapping"]


def test_how_people_are_told_is_complained_of_at_its_place() -> None:
    _, reading = read(
        "gerrit: {url: https://review, user: bot}\n"
        "notify: {quiet: 22-7, per_day: 0, batch: 2, digest: mondays, defualt: {url_file: x}}\n"
    )
    assert said(reading) == [
        "czar.yaml:2:17: 'quiet' is no span of hours: write e.g. \"22:00-07:00\", or never",
        "czar.yaml:2:32: 'per_day' must be at least 1",
        "czar.yaml:2:42: 'batch' is no duration: write e.g. 60s, 10m, 24h or 90d",
        "czar.yaml:2:53: unknown digest 'mondays' (did you mean 'monday'?)",
        "czar.yaml:2:62: unknown key 'defualt' (did you mean 'default'?)",
    ]


def test_what_is_not_yet_used_is_noted_and_no_mistake() -> None:
    found, reading = read("gerrit: {url: http://review.example.org, user: bot}\nlaunchpad: {}\n")
    assert found is not None
    assert [str(note) for note in reading.notes] == [
        "czar.yaml:2:1: note: 'launchpad' is checked but not yet used",
        "czar.yaml:1:15: note: the password will travel unencrypted: https:// is better",
    ]


def test_http_on_loopback_is_worth_no_note() -> None:
    assert not read("gerrit: {url: 'http://127.0.0.1:8080', user: bot}\n")[1].notes


def test_people_and_duties_must_be_in_the_roster() -> None:
    text = """\
        gerrit: {url: https://review, user: bot}
        signoff: [{project: r, fallback: {duty: tc, of: community}, override: {duty: code, of: Nova}}]
        notify: {people: {bob: {url_file: x}, eve: {url_file: y}}}
        """
    found, reading = read(text)
    assert found is not None
    check_names(marked(text), found, roster_of(ROSTER)[0], reading)
    assert said(reading) == [
        "czar.yaml:2:41: unknown duty of the community 'tc'",
        "czar.yaml:3:39: unknown person 'eve' (known: ann, bob)",
    ]


FALLBACK = "fallback: {duty: release, of: two}"
SIGNOFF = "gerrit: {url: https://review, user: bot}\nsignoff: [{project: r, %s}]\n"
BIG = """
people: {ann: {gerrit: ann}, bob: {gerrit: bob}}
teams: {one: {ptl: ann}, two: {ptl: ann, duties: {release: {czars: [bob]}}}, none: {}, own: {ptl: bob}}
"""


def noted(keys: str) -> list[str]:
    """What is said about a sign-off with these keys, for teams of no, one and two signers."""
    text = SIGNOFF % keys
    found, reading = read(text)
    assert found is not None
    check_names(marked(text), found, roster_of(BIG)[0], reading)
    assert not said(reading)
    return [str(note) for note in reading.notes]


def test_teams_with_too_few_people_for_a_sign_off_are_noted() -> None:
    because = "with this 'quorum' and 'self_sign', too few people can sign requests of their own"
    assert noted(f"{FALLBACK}, quorum: 1") == []
    assert because_of(because, "quorum: 2") == ["one, own"]
    assert because_of(because, "self_sign: false") == ["one, own"]
    assert because_of(because, "self_sign: false, quorum: 2") == ["one, two, own"]


def test_teams_for_whom_nobody_can_ever_sign_are_noted() -> None:
    because = "nobody can sign for these teams, and there is no 'fallback': what they release stays shut"
    assert because_of(because, "quorum: 1") == ["none"]
    assert because_of(because, f"{FALLBACK}, quorum: 1") == []


def because_of(because: str, terms: str) -> list[str]:
    """The teams that notes of this reason name."""
    return [note.rpartition(": ")[2] for note in noted(terms) if because in note]


def test_who_overrides_is_said_whole_lest_it_be_the_teams_own_lead() -> None:
    text = SIGNOFF % "override: {duty: releases}"
    found, reading = read(text)
    assert found is not None
    check_names(marked(text), found, roster_of(BIG)[0], reading)
    assert "'override' needs 'of': write of: community, or a team" in said(reading)[-1]


def test_secrets_are_looked_for_also_under_their_usual_names(tmp_path: Path) -> None:
    text = "gerrit:\n  url: https://review\n  user: bot\n  password_file: pw\nnotify: {default: {url_file: url}}\n"
    found, reading = read(text)
    assert found is not None
    check_secrets(marked(text), found, reading, tmp_path)
    told = said(reading)
    assert [line.split(":")[1:3] for line in told] == [["2", "3"], ["4", "18"], ["5", "30"]]
    assert f"key_file: there is no {tmp_path}/gerrit-key" in told[0]
