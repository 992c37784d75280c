"""The stand-in without sockets: a `requests` adapter that calls `Rest.handle`, for one thread with a made-up clock.

`session.mount("http://gerrit.test", InProcess(rest))`: faults come out as the errors `requests` would raise.
"""

from __future__ import annotations

import io
from typing import Any

import requests
from requests.adapters import BaseAdapter

from integrations.sandbox.gerrit.faults import Cut, Hang
from integrations.sandbox.gerrit.rest import Rest


class InProcess(BaseAdapter):
    def __init__(self, rest: Rest) -> None:
        super().__init__()
        self._rest = rest

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        body = request.body or b""
        content = body.encode() if isinstance(body, str) else bytes(body)
        try:
            answer = self._rest.handle(request.method or "GET", request.path_url, dict(request.headers), content)
        except Hang as error:
            raise requests.ReadTimeout(request=request) from error
        except Cut as error:
            raise requests.ConnectionError(str(error), request=request) from error
        response = requests.Response()
        response.status_code, headers, payload = answer
        response.headers.update(headers)
        response.raw = io.BytesIO(payload)
        response.url, response.request = request.url or "", request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing is open."""
