"""Calling REST without a socket."""

from __future__ import annotations

import base64
import json
from typing import Any

from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.records import Account
from integrations.sandbox.gerrit.rest import PREFIX, Rest
from tests.integrations.sandbox.gerrit.world import World


class Door:
    """REST of a world; answers are (status, decoded JSON or text)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.rest = Rest(world.state, self.faults)

    def __call__(self, by: Account | None, method: str, path: str, body: object = None) -> tuple[int, Any]:
        code = base64.b64encode(f"{by.username}:{by.password}".encode()).decode() if by else ""
        content = b"" if body is None else json.dumps(body).encode()
        where = f"/a{path}" if by else path
        status, headers, answer = self.rest.handle(method, where, {"Authorization": f"Basic {code}"}, content)
        if headers.get("Content-Type", "").startswith("application/json"):
            assert answer.startswith(PREFIX)
            return status, json.loads(answer[len(PREFIX) :])
        return status, answer.decode().removesuffix("\n")
