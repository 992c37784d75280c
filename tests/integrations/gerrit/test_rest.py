"""What a server's answers mean, seen on a real connection."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.contract import Refused, Transient
from integrations.gerrit.rest import GET_TRIES, BadRequest, NotFound, Rest, change_path
from tests.integrations.gerrit.loopback import Deed, answer, hang, hang_up_half_way, reset, serving
from tests.real.ports import free_ports

PASSWORD = "s3cret/pass+word"
OK = answer(200, b")]}'\n" + b'{"a":1}')


def rest_at(url: str, answer_s: float = 10.0) -> Rest:
    return Rest(url, "bot", PASSWORD, answer_s=answer_s, sleep=lambda _: None)


def ask(rest: Rest, method: str) -> None:
    if method == "get":
        rest.get("changes/1")
    else:
        rest.post("changes/1", {"message": "hello"})


def test_the_prefix_is_taken_off_and_the_servers_time_noted() -> None:
    with serving(answer(200, b")]}'\n" + b'{"a":"\xc3\xa9"}')) as server:
        rest = rest_at(server.url + "/")
        assert rest.get("changes/", {"q": 'after:"x y"', "n": "5"}) == {"a": "é"}
    assert server.requests == [("GET", "/a/changes/?q=after%3A%22x+y%22&n=5", b"")]
    assert server.headers[0]["Accept"] == "application/json"
    assert rest.server_time is not None
    assert abs((datetime.now(UTC) - rest.server_time).total_seconds()) < 60


def test_a_file_comes_byte_by_byte_and_a_page_is_none() -> None:
    with serving(answer(200, b"YTog6Qo=")) as server:
        assert rest_at(server.url).get_file("x/content", [("parent", "1")]) == b"a: \xe9\n"
    assert server.requests[0][1] == "/a/x/content?parent=1"
    assert server.headers[0]["Accept"] == "text/plain"
    with serving(answer(200, b"<html>")) as server, pytest.raises(Transient, match="no file"):
        rest_at(server.url).get_file("x/content")


def test_an_empty_answer_is_none() -> None:
    with serving(answer(204)) as server:
        assert rest_at(server.url).post("x", {}) is None


def test_a_repo_with_a_slash_stays_one_part_of_the_path() -> None:
    assert change_path("gerrit:12", "plugins/a b") == "changes/plugins%2Fa%20b~12"


def test_a_password_of_any_letters_is_sent_as_utf_8() -> None:
    with serving(OK) as server:
        assert Rest(server.url, "bot", "pä€word").get("x") == {"a": 1}
    assert server.headers[0]["Authorization"] == "Basic Ym90OnDDpOKCrHdvcmQ="  # bot:pä€word


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b"bad", BadRequest),
        (403, b"not permitted", Refused),
        (404, b"Not found: 1", NotFound),
        (405, b"no", Refused),
        (409, b"change is closed", Refused),
        (409, b"Lock failure", Transient),
        (412, b"no", Refused),
        (422, b"no such account", Refused),
        (401, b"Unauthorized", Transient),
        (408, b"slow", Transient),
        (429, b"quota", Transient),
        (499, b"client closed", Transient),
        (500, b"oops", Transient),
        (502, b"<html>", Transient),
        (503, b"later", Transient),
        (302, b"", Transient),
        (307, b"", Transient),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_status_says_whose_turn_it_is(method: str, status: int, body: bytes, expected: type[Exception]) -> None:
    with serving(answer(status, body, Location="/elsewhere")) as server, pytest.raises(expected) as raised:
        ask(rest_at(server.url), method)
    assert type(raised.value) is expected
    assert str(status) in str(raised.value)
    assert PASSWORD not in str(raised.value)
    assert {path for _, path, _ in server.requests} == {"/a/changes/1"}
    if expected is Transient:
        assert getattr(raised.value, "in_doubt") == (method == "post" and status >= 500)  # noqa: B009


def test_a_refused_login_says_so_without_the_password() -> None:
    with serving(answer(401, b"Unauthorized")) as server, pytest.raises(Transient, match="refuses our user") as raised:
        rest_at(server.url).get("x")
    assert PASSWORD not in repr(raised.value)


def test_a_redirect_is_not_followed_and_names_where_it_leads() -> None:
    away = answer(302, b"", Location="https://login.example.org/")
    with serving(away) as server, pytest.raises(Transient, match=r"https://login\.example\.org/"):
        rest_at(server.url).get("x")
    assert {path for _, path, _ in server.requests} == {"/a/x"}


def test_bad_input_brings_the_servers_json() -> None:
    body = b")]}'\n" + b'{"reviewers":{"7":{"error":"no such"}}}'
    with serving(answer(400, body)) as server, pytest.raises(BadRequest) as raised:
        rest_at(server.url).post("x", {})
    assert raised.value.body == {"reviewers": {"7": {"error": "no such"}}}
    with serving(answer(400, b"plain")) as server, pytest.raises(BadRequest) as raised:
        rest_at(server.url).post("x", {})
    assert raised.value.body == "plain"


def test_reading_is_tried_again_and_writing_never() -> None:
    with serving(answer(503), answer(503), OK) as server:
        assert rest_at(server.url).get("x") == {"a": 1}
        assert len(server.requests) == GET_TRIES
    with serving(answer(503), OK) as server:
        with pytest.raises(Transient):
            rest_at(server.url).post("x", {})
        assert rest_at(server.url).put("x", {}) == {"a": 1}
        assert [method for method, _, _ in server.requests] == ["POST", "PUT"]


def test_what_is_final_is_not_asked_again() -> None:
    with serving(answer(404)) as server:
        with pytest.raises(NotFound):
            rest_at(server.url).get("x")
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [b"<html>Maintenance</html>", b")]}'\n{", b")]}'\n" + b'"\xff"'])
def test_an_answer_that_is_no_json_is_transient_and_after_a_post_in_doubt(body: bytes) -> None:
    with serving(answer(200, body)) as server:
        with pytest.raises(Transient) as raised:
            rest_at(server.url).get("x")
        assert not raised.value.in_doubt
        with pytest.raises(Transient) as raised:
            rest_at(server.url).post("x", {})
        assert raised.value.in_doubt


@pytest.mark.parametrize("deed", [reset, hang, hang_up_half_way])
def test_a_post_whose_answer_is_lost_is_in_doubt(deed: Deed) -> None:
    with serving(deed) as server:
        with pytest.raises(Transient) as raised:
            rest_at(server.url, answer_s=0.3).post("changes/1/review", {"message": "hello"})
        assert raised.value.in_doubt
        assert PASSWORD not in repr(raised.value)
        assert [body for _, _, body in server.requests] == [b'{"message": "hello"}']


@pytest.mark.parametrize("deed", [reset, hang, hang_up_half_way])
def test_a_get_whose_answer_is_lost_is_tried_again(deed: Deed) -> None:
    with serving(deed, OK) as server:
        assert rest_at(server.url, answer_s=0.3).get("x") == {"a": 1}


def test_a_kept_connection_that_was_closed_meanwhile_does_not_send_a_post_twice() -> None:
    with serving(OK, reset, OK) as server:
        rest = rest_at(server.url)
        rest.get("x")
        with pytest.raises(Transient) as raised:
            rest.post("x", {})
        assert raised.value.in_doubt
        assert [method for method, _, _ in server.requests] == ["GET", "POST"]


def test_a_post_to_nobody_was_never_sent() -> None:
    (port,) = free_ports(1)
    with pytest.raises(Transient, match="refused") as raised:
        rest_at(f"http://127.0.0.1:{port}").post("x", {})
    assert not raised.value.in_doubt
    assert PASSWORD not in repr(raised.value)
