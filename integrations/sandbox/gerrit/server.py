"""The stand-in as a server: REST and SSH on free ports of 127.0.0.1, over one state."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from integrations.sandbox.gerrit.faults import Faults
from integrations.sandbox.gerrit.rest import Rest
from integrations.sandbox.gerrit.ssh import HOST, SshServer
from integrations.sandbox.gerrit.state import State
from integrations.sandbox.gerrit.web import RestServer


class StandInGerrit:
    """Both servers run from construction to `close`. Fill it through `state`, make it fail through `faults`."""

    def __init__(self, state: State | None = None) -> None:
        self.state = state or State()
        self.faults = Faults()
        self.rest = Rest(self.state, self.faults)
        self._ssh = SshServer(self.state, self.faults)
        self._web = RestServer(self.rest)
        self.url = self._web.url
        self.state.url = self.url
        self.ssh_host = HOST
        self.ssh_port = self._ssh.port
        self.host_key_line = self._ssh.host_key_line  # as it stands in known_hosts

    def close(self) -> None:
        self._ssh.close()
        self._web.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
