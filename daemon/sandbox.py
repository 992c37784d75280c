"""A world of its own to try the daemon in: the stand-in Gerrit, a config for it, and the real daemon on both."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from daemon.config.load import load
from daemon.config.service import database_url
from daemon.journal.journal import Journal, now, open_journal
from daemon.service import Service
from daemon.wiring import StandIn, stand_in

ROSTER = """\
# Made for the sandbox from the people in the recording: who reviewed most is a czar, and so on.
# In real life the duties are what your community agreed on.
people:
{people}
teams:
  {team}:
    repos: [{project}]
    ptl: {ptl}
    duties:
      code: {{czars: [{czars}], deputies: [{deputies}]}}
      docs: {{czars: [{docs}], deputies: [{czars}]}}
      release: {{czars: [{releaser}]}}
"""
RULES = """\
# One reviewer for each change: documentation goes to the docs czar, everything else to a code czar.
rules:
  - id: docs-only
    event: change
    when: {only: ["**/Documentation/**", "**/*.md"]}
    slot: code
    ask: {duty: docs, pick: first}
  - {id: any-code, event: change, slot: code, ask: {duty: code, pick: 1}}
"""
CZAR = """\
state: {state}
gerrit:
  url: {url}
  user: czar-bot
  ssh: {{host: {ssh_host}, port: {ssh_port}}}
  catch_up_every: 30s
signoff:
  - {{project: {releases}}}
web: {{listen: "127.0.0.1:0"}}
log: {{level: error}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """Everything at work; `directory` is a config directory for other commands."""

    directory: Path
    world: StandIn
    service: Service
    journal: Journal


@contextmanager
def sandbox() -> Iterator[Sandbox]:
    """Servers, config and daemon in a directory of their own; leaving the context ends and removes all."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="czar-sandbox-")))
        world = stack.enter_context(stand_in())
        write_config(directory, world)
        config = load(directory)
        config.service.state.mkdir()
        url = database_url(config.service, directory).get_secret_value()
        journal = open_journal(url, now, random.Random())  # noqa: S311  spreads retries
        stack.callback(journal.close)
        service = Service(directory, config, journal)
        stack.enter_context(service.started())
        yield Sandbox(directory=directory, world=world, service=service, journal=journal)


def write_config(directory: Path, world: StandIn) -> None:
    """czar.yaml, roster.yaml, rules.yaml and the secrets for the stand-in."""
    cast = world.cast
    czars, deputies, others = cast.reviewers[:3], cast.reviewers[3:5], cast.reviewers[5:6]
    docs = others or czars[:1]
    ptl = next((name for name in cast.submitters if name not in (*czars, *deputies)), cast.submitters[0])
    everybody = dict.fromkeys((*czars, *deputies, *docs, ptl))
    roster = ROSTER.format(
        people="\n".join(f"  {name}: {{gerrit: {name}, email: {name}@example.org}}" for name in everybody),
        team=cast.project.rsplit("/", 1)[-1],
        project=cast.project,
        ptl=ptl,
        czars=", ".join(czars),
        deputies=", ".join(deputies),
        docs=", ".join(docs),
        releaser=czars[0],
    )
    czar = CZAR.format(
        state=directory / "state",
        url=world.url,
        ssh_host=world.ssh_host,
        ssh_port=world.ssh_port,
        releases=world.story.repo,
    )
    for name, text in (("roster.yaml", roster), ("rules.yaml", RULES), ("czar.yaml", czar)):
        (directory / name).write_text(text, encoding="utf-8")
    (directory / "known_hosts").write_text(world.host_key_line + "\n", encoding="utf-8")
    for name, secret in (("gerrit-password", world.bot_password), ("gerrit-key", world.bot_key)):
        path = directory / name
        path.touch(mode=0o600)
        path.write_text(secret, encoding="utf-8")


def port_file_content(world: StandIn, folder: Path) -> str:
    """What `--port-file` gets: where the servers are and how to log in."""
    (folder / "gerrit-key").touch(mode=0o600)
    (folder / "gerrit-key").write_text(world.bot_key, encoding="utf-8")
    (folder / "known_hosts").write_text(world.host_key_line + "\n", encoding="utf-8")
    gerrit = {
        "url": world.url,
        "ssh": f"{world.ssh_host}:{world.ssh_port}",
        "user": "czar-bot",
        "password": world.bot_password,
        "key_file": str(folder / "gerrit-key"),
        "known_hosts_file": str(folder / "known_hosts"),
        "admin": {"user": world.admin, "password": world.admin_password},
    }
    return json.dumps({"gerrit": gerrit})
