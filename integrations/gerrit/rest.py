"""Gerrit's REST (Documentation/rest-api.txt): credentials, time-outs, short retries, and what errors mean."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import msgspec
import requests
from requests.auth import HTTPBasicAuth
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from integrations.contract import Refused, Transient

CONNECT_S = 10.0
ANSWER_S = 30.0
GET_TRIES = 3  # within one call; hours belong to the journal
MAGIC = b")]}'\n"

Params = Sequence[tuple[str, str]] | Mapping[str, str]


class NotFound(Refused):
    """Not there, or hidden from us: Gerrit does not tell these apart."""


class BadRequest(Refused):
    """The server takes offence at what was sent; `body` is its answer, decoded where it is JSON."""

    def __init__(self, message: str, body: Any) -> None:
        super().__init__(message)
        self.body = body


class Rest:
    """Authenticated calls below `/a/`. Any thread may use it; each has a session of its own."""

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        answer_s: float = ANSWER_S,
        make_session: Callable[[], requests.Session] = requests.Session,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.url = url.rstrip("/")
        self.user = user
        self.server_time: datetime | None = None  # by the newest answer's Date header
        self._password = password
        self._timeout = (min(CONNECT_S, answer_s), answer_s)
        self._make_session = make_session
        self._sleep = sleep
        self._local = threading.local()

    def get(self, path: str, params: Params = ()) -> Any:
        """Decoded JSON. Retried for a few seconds, then Transient; NotFound, Refused."""
        return _json(self.get_raw(path, params))

    def get_raw(self, path: str, params: Params = ()) -> bytes:
        """The JSON text, without Gerrit's prefix."""
        return _without_magic(self._got(path, params))

    def get_file(self, path: str, params: Params = ()) -> bytes:
        """The bytes of a file, from a path that ends in `/content`. To who asks for JSON the server gives them as text,
        with letters for what is none."""
        content = self._got(path, params, accept="text/plain").content
        try:
            return base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise Transient(f"{path}: an answer that is no file: {error}") from error

    def _got(self, path: str, params: Params, *, accept: str | None = None) -> requests.Response:
        retrying = Retrying(
            retry=retry_if_exception(_worth_another_try),
            stop=stop_after_attempt(GET_TRIES),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            sleep=self._sleep,
            reraise=True,
        )
        return retrying(self._call, "GET", path, params=params, accept=accept)

    def post(self, path: str, body: object) -> Any:
        """Decoded JSON. Never repeated; Transient says whether it may have been carried out (`in_doubt`)."""
        return self._written("POST", path, body)

    def put(self, path: str, body: object) -> Any:
        """Decoded JSON; as `post`."""
        return self._written("PUT", path, body)

    def _written(self, method: str, path: str, body: object) -> Any:
        """What cannot be read may come from something in between: it says nothing about what was carried out."""
        raw = _without_magic(self._call(method, path, body=body))
        try:
            return _json(raw)
        except Transient as error:
            raise Transient(str(error), in_doubt=True) from error

    def _call(
        self, method: str, path: str, params: Params = (), body: object = None, accept: str | None = None
    ) -> requests.Response:
        try:
            response = self._session().request(
                method,
                f"{self.url}/a/{path.lstrip('/')}",
                params=list(params.items()) if isinstance(params, Mapping) else list(params),
                json=body,
                headers={"Accept": accept} if accept else None,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except requests.exceptions.ConnectTimeout as error:
            raise Transient(f"{self.url} does not answer") from error
        except requests.exceptions.RequestException as error:
            unsent = isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error)
            raise Transient(f"{self.url}: {_short(error)}", in_doubt=method != "GET" and not unsent) from error
        self._note_time(response)
        _raise_for(response, method, path)
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._make_session()
            session.auth = HTTPBasicAuth(self.user.encode(), self._password.encode())  # text would go as Latin-1
            session.headers.update({"Accept": "application/json", "User-Agent": "czar"})
            self._local.session = session
        return session

    def _note_time(self, response: requests.Response) -> None:
        try:
            self.server_time = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            pass


def change_path(item: str, repo: str) -> str:
    """`changes/plugins%2Freviewers~123` for an item `gerrit:123`."""
    return f"changes/{quote(repo, safe='')}~{item.removeprefix('gerrit:')}"


def _worth_another_try(error: BaseException) -> bool:
    return isinstance(error, Transient)


def _without_magic(response: requests.Response) -> bytes:
    return response.content.removeprefix(MAGIC)


def _json(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw) if raw else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Transient(f"an answer that is no JSON: {error}") from error


def _raise_for(response: requests.Response, method: str, path: str) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    text = response.text.strip()[:500]
    what = f"{method} {path}: {status} {text}"
    if status == 401:
        raise Transient(f"{what} (the server refuses our user or password)")
    if 300 <= status < 400:  # a page to log in or of maintenance stands before the server
        raise Transient(f"{what} (leads to {response.headers.get('Location', 'nowhere')}: is the URL right?)")
    if status in (408, 425, 429, 499) or status >= 500 or (status == 409 and "lock" in text.lower()):
        raise Transient(what, in_doubt=method != "GET" and status >= 500)
    if status == 404:
        raise NotFound(what)
    if status == 400:
        raise BadRequest(what, _maybe_json(response.content))
    raise Refused(what)


def _maybe_json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content.removeprefix(MAGIC))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return content.decode(errors="replace")


def _short(error: Exception) -> str:
    """What is wrong without the library's inner life."""
    inner = error.args[0] if error.args else error
    reason = getattr(inner, "reason", inner)
    return str(reason).rsplit(": ", 1)[-1] or type(error).__name__
