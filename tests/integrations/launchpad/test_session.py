"""Logging in to a Launchpad, with the genuine launchpadlib, on a small HTTP server that answers as a test says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from integrations.contract import Refused, Transient
from integrations.launchpad import session
from integrations.launchpad.session import connect, whoami
from tests.integrations.gerrit.loopback import Deed, Handler, answer, hang, hang_up_half_way, reset, serving
from tests.real.ports import LOOPBACK, free_ports

CREDENTIALS = "[1]\nconsumer_key = czar\nconsumer_secret = \naccess_token = token\naccess_secret = hidden\n"
WADL_TYPE = "application/vnd.sun.wadl+xml"
WADL = """<?xml version="1.0"?>
<application xmlns="http://research.sun.com/wadl/2006/10">
  <resources base="ROOT"><resource path="" type="#service-root"/></resources>
  <resource_type id="service-root">
    <method name="GET" id="service-root-get"><response><representation href="ROOT#root-json"/></response></method>
  </resource_type>
  <representation id="root-json" mediaType="application/json">
    <param style="plain" name="me_link" path="$['me_link']"><link resource_type="ROOT#person"/></param>
  </representation>
  <resource_type id="person">
    <method name="GET" id="person-get"><response><representation href="ROOT#person-json"/></response></method>
  </resource_type>
  <representation id="person-json" mediaType="application/json">
    <param style="plain" name="name" path="$['name']"/>
  </representation>
</application>
"""


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """As launchpadlib saves them."""
    file = tmp_path / "launchpad-credentials"
    file.write_text(CREDENTIALS)
    return file


def launchpad(handler: Handler) -> None:
    """Just enough of a Launchpad to log in: its description, its root, and who we are."""
    root = f"{handler.server.url}/devel/"
    if WADL_TYPE in handler.headers.get("Accept", ""):
        answer(200, WADL.replace("ROOT", root).encode(), Content_Type=WADL_TYPE)(handler)
    elif handler.path == "/devel/":
        answer(200, _json({"me_link": f"{root}people/+me"}), Content_Type="application/json")(handler)
    elif handler.path == "/devel/people/+me":
        answer(303, Location=f"{root}~czar-bot")(handler)
    else:
        person = {"name": "czar-bot", "resource_type_link": f"{root}#person", "self_link": f"{root}~czar-bot"}
        answer(200, _json(person), Content_Type="application/json")(handler)


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def test_it_logs_in_with_saved_credentials_and_learns_who_we_are(credentials: Path) -> None:
    with serving(launchpad) as server:
        assert whoami(f"{server.url}/", "devel", credentials) == "czar-bot"
        assert all('oauth_token="token"' in headers["Authorization"] for headers in server.headers)


def test_a_root_without_a_slash_at_its_end_is_the_same(credentials: Path) -> None:
    with serving(launchpad) as server:
        connect(server.url, "devel", credentials).close()
        assert {path for _, path, _ in server.requests} == {"/devel/"}


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_are_refused_are_for_a_person_to_put_right(status: int, credentials: Path) -> None:
    with serving(answer(status, b"Unknown access token (no).")) as server:
        with pytest.raises(Refused, match=f"{server.url}/ refuses the credentials in .*{credentials.name} .{status}"):
            connect(f"{server.url}/", "devel", credentials)
        assert len(server.requests) == 1  # and nobody was asked to log in anew


@pytest.mark.parametrize("status", [404, 500, 502, 503])
def test_a_server_in_trouble_is_tried_again_later_and_not_at_once(status: int, credentials: Path) -> None:
    with serving(answer(status, b"<html>Please try again</html>")) as server:
        with pytest.raises(Transient, match=f"{server.url}/: {status}"):
            connect(f"{server.url}/", "devel", credentials)
        assert len(server.requests) == 1


PAGES: dict[str, Deed] = {
    "a page": answer(200, b"<html><body>Welcome to our proxy</body></html>", Content_Type="text/html"),
    "broken XML": answer(200, b"<html><br>", Content_Type=WADL_TYPE),
    "bytes": answer(200, b"\x00\xff\xfe"),
    "nothing": answer(200),
    "JSON": answer(200, b"[]", Content_Type="application/json"),
    "a way to nowhere": answer(302),
    "a part": hang_up_half_way,
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_what_is_no_launchpad_is_said_so(page: Deed, credentials: Path) -> None:
    with serving(page) as server, pytest.raises(Transient, match=f"{server.url}/ does not answer as a Launchpad does"):
        connect(f"{server.url}/", "devel", credentials)


def test_a_port_nobody_listens_on_cannot_be_reached(credentials: Path) -> None:
    root = f"http://{LOOPBACK}:{free_ports(1)[0]}/"
    with pytest.raises(Transient, match=f"{root} cannot be reached: .*refused"):
        connect(root, "devel", credentials)


def test_a_connection_thrown_away_cannot_be_reached(credentials: Path) -> None:
    with serving(reset) as server, pytest.raises(Transient, match="cannot be reached"):
        connect(f"{server.url}/", "devel", credentials)


def test_silence_ends_by_the_time_out(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "TIMEOUT_S", 0.2)
    with serving(hang) as server, pytest.raises(Transient, match="cannot be reached: timed out"):
        connect(f"{server.url}/", "devel", credentials)


def test_a_login_that_is_lost_later_is_told_as_well(credentials: Path) -> None:
    def revoked(handler: Handler) -> None:
        answer(401, b"Expired token")(handler) if "+me" in handler.path else launchpad(handler)

    with serving(revoked) as server, pytest.raises(Refused, match="refuses the credentials"):
        whoami(f"{server.url}/", "devel", credentials)


@pytest.mark.parametrize("text", ["", "nonsense", "[1]\nconsumer_key = czar\n", CREDENTIALS.replace("token", "thing")])
def test_a_file_without_credentials_is_named_with_the_remedy(text: str, credentials: Path) -> None:
    credentials.write_text(text)
    with pytest.raises(Refused, match="launchpad-credentials holds no Launchpad credentials: make them") as refused:
        connect("http://127.0.0.1:1/", "devel", credentials)
    assert "hidden" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere: No such file"):
        connect("http://127.0.0.1:1/", "devel", tmp_path / "nowhere")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(Refused, match=r"binary is not UTF-8 text"):
        connect("http://127.0.0.1:1/", "devel", tmp_path / "binary")


def test_nothing_is_written_beside_the_credentials(credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(credentials.parent))
    with serving(launchpad) as server:
        connect(f"{server.url}/", "devel", credentials).close()
    assert [path.name for path in credentials.parent.iterdir()] == [credentials.name]
