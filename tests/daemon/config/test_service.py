from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from daemon.config.secrets import BadSecret
from daemon.config.service import Service, database_url
from rules.signoff.terms import Held, Terms

GERRIT = {"url": "https://review.example.org", "user": "bot"}


def service(directory: str = "/etc/czar", **keys: Any) -> Service:
    return Service.model_validate({"gerrit": GERRIT, **keys}, context={"directory": Path(directory)})


@pytest.mark.parametrize("files", [("/deliverables/*",), ("re:((",), ()])
def test_patterns_of_release_files_must_be_some(files: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError):
        service(signoff=({"project": "r", "files": files},))


def test_what_is_not_said_is_as_the_contract_says() -> None:
    found = service(launchpad={})
    assert (found.term, found.state, found.database, found.mode) == (
        "czar",
        Path("/var/lib/czar"),
        "sqlite:///czar.db",
        "act",
    )
    assert found.gerrit is not None
    assert found.gerrit.password_file == "gerrit-password"
    assert (found.gerrit.ssh_host, found.gerrit.ssh.port) == ("review.example.org", 29418)
    assert (found.gerrit.ssh.key_file, found.gerrit.ssh.known_hosts_file) == (
        "gerrit-key",
        Path("/etc/czar/known_hosts"),
    )
    assert found.gerrit.catch_up_every == timedelta(minutes=10)
    assert found.launchpad is not None
    assert (found.launchpad.root, found.launchpad.version) == ("https://api.launchpad.net/", "devel")
    assert (found.launchpad.private, found.launchpad.canary_bug, found.launchpad.webhook_secret_file) == (
        False,
        None,
        None,
    )
    assert (found.launchpad.poll_every, found.launchpad.sweep_every) == (timedelta(minutes=1), timedelta(days=1))
    assert (str(found.notify.quiet), found.notify.per_day, found.notify.digest) == ("22:00-07:00", 5, "monday")
    assert found.notify.batch == timedelta(minutes=2)
    assert found.web.address == ("127.0.0.1", 8022)
    assert (found.log.format, found.log.level) == ("json", "info")


def test_a_sign_off_is_as_the_contract_says() -> None:
    found = service(signoff=[{"project": "openstack/releases", "override": {"duty": "releases", "of": "community"}}])
    (one,) = found.signoff
    assert one.files == ("deliverables/**/*.yaml", "deliverables/**/*.yml")
    assert (one.label, one.counts, one.quorum) == ("Release-Signoff", ("comment", "code-review"), 1)
    assert (one.expires, one.lapse_after, one.rights_at) == (timedelta(days=90), timedelta(days=7), "landing")
    assert one.override is not None
    assert (one.override.of, one.fallback, one.compare, one.self_sign) == ("community", None, None, True)


def test_a_sign_off_is_handed_to_the_rules_with_all_its_keys() -> None:
    keys = {"project": "r", "files": ["*.yaml"], "label": "Go", "counts": ["comment"], "self_sign": False, "quorum": 2}
    more = {"rights_at": "signing", "expires": "1d", "lapse_after": "2d", "compare": "PTL-Approved"}
    held = {"fallback": {"duty": "tc", "of": "community"}, "override": {"duty": "releases"}}
    (one,) = service(signoff=[keys | more | held]).signoff
    assert one.terms == Terms(
        project="r",
        files=("*.yaml",),
        label="Go",
        counts=("comment",),
        self_sign=False,
        quorum=2,
        rights_at="signing",
        expires=timedelta(days=1),
        lapse_after=timedelta(days=2),
        compare="PTL-Approved",
        fallback=Held(duty="tc", of="community"),
        override=Held(duty="releases", of="owner"),
    )


def test_a_sign_off_without_keys_is_as_the_rules_have_it() -> None:
    (one,) = service(signoff=[{"project": "r"}]).signoff
    assert one.terms == Terms(project="r")


@pytest.mark.parametrize("label", ["Code-Review", "Release Signoff", "-Signoff", "SUBM", "Ja_Nein", ""])
def test_a_gate_is_a_label_of_its_own(label: str) -> None:
    with pytest.raises(ValidationError):
        service(signoff=[{"project": "r", "label": label}])


@pytest.mark.parametrize(
    "wrong",
    [
        {"web": {"listen": "127.0.0.1"}},
        {"web": {"listen": "127.0.0.1:70000"}},
        {"web": {"listen": "127.0.0.1:²"}},
        {"web": {"listen": ":8022"}},
        {"gerrit": {**GERRIT, "ssh": {"host": "bot@review"}}},
        {"gerrit": {**GERRIT, "ssh": {"port": 0}}},
        {"gerrit": {**GERRIT, "ssh": {"port": True}}},
        {"gerrit": {**GERRIT, "url": "https://review.example.org:port"}},
        {"gerrit": {**GERRIT, "url": "https://[::1"}},
        {"gerrit": {**GERRIT, "catch_up_every": 600}},
        {"launchpad": {"root": "http://api.launchpad.net/"}},
        {"notify": {"quiet": "22-7"}},
        {"notify": {"quiet": ["22:00", "07:00"]}},
        {"notify": {"per_day": 0}},
        {"notify": {"batch": 120}},
        {"notify": {"digest": "Monday"}},
        {"database": "mysql://db"},
        {"database": "sqlite://"},
        {"database": "postgresql+psycopg://db/czar?password=hunter2"},
    ],
)
def test_what_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        service(**wrong)


@pytest.mark.parametrize(
    "root", ["http://127.0.0.1:8085/", "http://localhost/", "http://[::1]:80/", "https://lp.example.org"]
)
def test_plain_http_goes_no_further_than_this_machine(root: str) -> None:
    found = service(launchpad={"root": root}).launchpad
    assert found is not None
    assert found.root == root


def test_a_sqlite_file_is_relative_to_the_state(tmp_path: Path) -> None:
    found = service(str(tmp_path), state="state")
    assert database_url(found, tmp_path).get_secret_value() == f"sqlite:///{tmp_path}/state/czar.db"
    found = service(database="sqlite:////var/tmp/x.db")
    assert database_url(found, tmp_path).get_secret_value() == "sqlite:////var/tmp/x.db"
    found = service(database="postgresql+psycopg:///czar")
    assert database_url(found, tmp_path).get_secret_value() == "postgresql+psycopg:///czar"


def test_a_url_with_a_password_comes_from_a_file(tmp_path: Path) -> None:
    found = service(str(tmp_path), database_file="url")
    with pytest.raises(BadSecret):
        database_url(found, tmp_path)
    (tmp_path / "url").write_text("postgresql+psycopg://czar:hunter2@db/czar\n")
    (tmp_path / "url").chmod(0o600)
    assert database_url(found, tmp_path).get_secret_value() == "postgresql+psycopg://czar:hunter2@db/czar"
    assert "hunter2" not in repr(database_url(found, tmp_path))


def test_quiet_hours_can_be_none() -> None:
    assert service(notify={"quiet": "never"}).notify.quiet is None
