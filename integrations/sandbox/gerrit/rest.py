"""REST of the stand-in without a socket: `handle` takes a request and gives the answer, as Gerrit words it.

https://gerrit-review.googlesource.com/Documentation/rest-api.html: `/a/` asks for HTTP Basic, JSON begins with a
prefix against inclusion, errors are plain text. Orders given to `Faults` are carried out here.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote, urlsplit

from integrations.sandbox.gerrit import (
    rest_changes,
    rest_config,
    rest_directory,
    rest_files,
    rest_projects,
    rest_reviewing,
)
from integrations.sandbox.gerrit.calls import Answer, Call, Route
from integrations.sandbox.gerrit.events import gson
from integrations.sandbox.gerrit.faults import Cut, Faults, Hang, Rule
from integrations.sandbox.gerrit.records import Refusal
from integrations.sandbox.gerrit.state import State

PREFIX = b")]}'\n"
Response = tuple[int, dict[str, str], bytes]
_ROUTES: tuple[Route, ...] = tuple(
    route
    for part in (rest_directory, rest_projects, rest_config, rest_changes, rest_reviewing, rest_files)
    for route in part.ROUTES
)


class Rest:
    """The REST door of one state."""

    def __init__(self, state: State, faults: Faults) -> None:
        self._state = state
        self._faults = faults

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Answers one request; `path` carries the query. Raises `Hang` or `Cut` where a fault was ordered."""
        rule = self._faults.next_rule(method, path)
        if rule is None:
            return self._answered(method, path, headers, body)
        if rule.what == "hang":
            raise Hang
        if rule.what == "cut":
            raise Cut(done=False)
        if rule.what == "answer":
            return _ordered(rule)
        self._answered(method, path, headers, body)
        raise Cut(done=True)

    def _answered(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        given = {name.lower(): value for name, value in headers.items()}
        with self._state.lock:
            self._state.written.clear()
            try:
                answer = self._routed(method, path, given, body)
            except Refusal as refusal:
                return _refused(refusal)
            extra = {}
            if given.get("x-gerrit-updatedref-enabled") == "true" and self._state.written:
                extra["X-Gerrit-UpdatedRef"] = ", ".join(self._state.written)
        if answer.content is not None and given.get("accept") != "application/json":
            extra |= {"Content-Type": "text/plain;charset=iso-8859-1", "X-FYI-Content-Encoding": "base64"}
            return answer.status, extra, base64.b64encode(answer.content.encode())
        value = answer.value if answer.content is None else answer.content
        if value is None:
            return answer.status, extra, b""
        extra["Content-Type"] = "application/json; charset=UTF-8"
        return answer.status, extra, PREFIX + gson(value).encode() + b"\n"

    def _routed(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(path)
        segments = [unquote(segment) for segment in parts.path.split("/") if segment]
        viewer = None
        if segments[:1] == ["a"]:
            segments = segments[1:]
            viewer = self._logged_in(headers.get("authorization", ""))
        methods = set()
        for verb, pattern, route in _ROUTES:
            stars = _matched(pattern.split("/"), segments)
            if stars is None:
                continue
            if verb != method:
                methods.add(verb)
                continue
            query = parse_qs(parts.query, keep_blank_values=True)
            return route(Call(state=self._state, viewer=viewer, parts=stars, query=query, body=_json(body)))
        if methods:
            raise Refusal(405, f"Not implemented: {method} {'/'.join(segments)}")
        raise Refusal(404, "Not Found")

    def _logged_in(self, header: str) -> int:
        scheme, _, code = header.partition(" ")
        try:
            username, _, password = base64.b64decode(code, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refusal(401, "Unauthorized") from error
        for account in self._state.accounts.values():
            if account.username == username and account.password and account.password == password and account.active:
                if scheme.lower() == "basic":
                    return account.account_id
                break
        raise Refusal(401, "Unauthorized")


def _matched(pattern: list[str], segments: list[str]) -> tuple[str, ...] | None:
    if len(pattern) != len(segments):
        return None
    pairs = list(zip(pattern, segments, strict=True))
    if any(want not in ("*", got) for want, got in pairs):
        return None
    return tuple(got for want, got in pairs if want == "*")


def _json(body: bytes) -> Mapping[str, object]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Refusal(400, "Expected JSON object") from error
    if isinstance(value, str):
        return {"": value}  # some inputs may be a bare string
    if not isinstance(value, dict):
        raise Refusal(400, "Expected JSON object")
    return value


def _refused(refusal: Refusal) -> Response:
    if refusal.json is not None:
        return (
            refusal.status,
            {"Content-Type": "application/json; charset=UTF-8"},
            PREFIX + gson(refusal.json).encode() + b"\n",
        )
    headers = {"Content-Type": "text/plain; charset=UTF-8"}
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Basic realm="Gerrit Code Review"'
    return refusal.status, headers, refusal.message.encode() + b"\n"


def _ordered(rule: Rule) -> Response:
    return rule.status, {"Content-Type": "text/plain; charset=UTF-8"} | rule.headers, rule.text.encode()
