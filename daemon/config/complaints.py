"""Reading czar.yaml: what pydantic complains of, told at the place in the file, with the nearest right key.

Values are never repeated: a wrong one may be a secret that somebody put in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from daemon.config import secrets
from daemon.config.asks import known_duties, team_named
from daemon.config.marks import Fields, Items, Marked, Scalar, plain
from daemon.config.people import Names
from daemon.config.reading import Reading
from daemon.config.service import Service, Signoff, is_loopback
from rules.roster import COMMUNITY, Roster, Team

UNUSED = ("launchpad",)
"""Sections that are checked but that nothing acts on yet."""

_SAID = {
    "bool_type": "is neither true nor false",
    "int_type": "must be a whole number",
    "string_type": "must be text: put it in quotes",
    "string_too_short": "is empty",
    "model_type": "must be a mapping",
    "mapping_type": "must be a mapping of names",
    "dict_type": "must be a mapping of names",
    "tuple_type": "must be a list",
}


def read_service(value: Marked, reading: Reading, directory: Path) -> Service | None:
    """The service, None where it cannot be used; what is wrong is noted."""
    if not isinstance(value, Fields):
        reading.wrong(value, "shape", "czar.yaml must be a mapping")
        return None
    _check_together(value, reading)
    for empty in _empties(value):
        reading.wrong(empty, "empty", "has no value: write one, {} for what is usual, or leave the key out")
    try:
        service = Service.model_validate(plain(value), context={"directory": directory})
    except ValidationError as error:
        for one in error.errors(include_url=False, include_input=False):
            _complain(one["type"], one["loc"], one.get("ctx", {}), one["msg"], value, reading)
        return None
    _check_signoff(service, value, reading)
    _note_oddities(service, value, reading)
    return service


def _check_together(value: Fields, reading: Reading) -> None:
    if "gerrit" not in value.entries and "launchpad" not in value.entries:
        reading.wrong(value, "missing", "'gerrit' or 'launchpad' must be there")
    if "database" in value.entries and "database_file" in value.entries:
        reading.wrong(value.keys["database_file"], "double", "'database' is there already: keep one of them")


def _check_signoff(service: Service, value: Fields, reading: Reading) -> None:
    """What one key of a sign-off asks of another one."""
    if service.signoff and service.gerrit is None:
        reading.wrong(value.keys["signoff"], "missing", "'signoff' needs 'gerrit': there the changes are")
    first: dict[str, Marked] = {}
    for n, one in enumerate(service.signoff):
        at = _place(value, ("signoff", n, "project"))
        before = first.setdefault(one.project, at)
        if before is not at:
            line = f"line {before.line}"
            reading.wrong(at, "double", f"'{one.project}' has an entry already ({line}): keep one of them")
        if one.compare == one.label:
            reading.wrong(_place(value, ("signoff", n, "compare")), "value", "'compare' is the label itself")


def _empties(value: Marked) -> Iterator[Marked]:
    if isinstance(value, Scalar):
        if value.empty:
            yield value
        return
    for inner in value.entries.values() if isinstance(value, Fields) else value.items:
        yield from _empties(inner)


def _complain(
    kind: str, loc: Sequence[int | str], context: dict[str, Any], said: str, root: Marked, reading: Reading
) -> None:
    at, name = _place(root, loc), str(loc[-1]) if loc else "czar.yaml"
    if isinstance(at, Scalar) and at.empty:
        return  # told already
    if kind == "extra_forbidden":
        reading.unknown(_key(root, loc), "key", name, _known(loc[:-1]))
    elif kind == "missing":
        whose = f"'{loc[-2]}'" if len(loc) > 1 else "czar.yaml"
        reading.wrong(at, "missing", f"{whose} needs '{name}'")
    elif kind == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        reading.unknown(at, _what(loc), at.text if isinstance(at, Scalar) else "?", words)
    elif kind == "value_error":
        reading.wrong(at, "value", f"{context['error']}" if not loc else f"'{_what(loc)}' {context['error']}")
    elif kind == "greater_than_equal":
        reading.wrong(at, "value", f"'{_what(loc)}' must be at least {context['ge']}")
    else:
        reading.wrong(at, "value", f"'{_what(loc)}' {_SAID.get(kind, said)}")


def _what(loc: Sequence[int | str]) -> str:
    """The key that a complaint is about, also within its list."""
    return next((part for part in reversed(loc) if isinstance(part, str)), "czar.yaml")


def _place(root: Marked, loc: Sequence[int | str]) -> Marked:
    """The value at a place, or the nearest one around it."""
    for part in loc:
        if isinstance(root, Fields) and part in root.entries:
            root = root.entries[str(part)]
        elif isinstance(root, Items) and isinstance(part, int) and part < len(root.items):
            root = root.items[part]
        else:
            break
    return root


def _key(root: Marked, loc: Sequence[int | str]) -> Marked:
    around = _place(root, loc[:-1])
    return around.keys.get(str(loc[-1]), around) if isinstance(around, Fields) else around


def _known(loc: Sequence[int | str]) -> tuple[str, ...]:
    """The keys of the model at a place."""
    model: type[BaseModel] = Service
    for part in loc:
        inner = model.model_fields.get(str(part))
        model = (inner and _model_in(inner.annotation)) or model
    return tuple(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _note_oddities(service: Service, value: Fields, reading: Reading) -> None:
    for key in UNUSED:
        if key in value.entries:
            reading.note(value.keys[key], "unused", f"'{key}' is checked but not yet used")
    url = urlsplit(service.gerrit.url) if service.gerrit else None
    if url and url.scheme == "http" and not is_loopback(url.hostname or ""):
        at = _place(value, ("gerrit", "url"))
        reading.note(at, "unencrypted", "the password will travel unencrypted: https:// is better")


def check_names(value: Marked, service: Service, roster: Roster, reading: Reading) -> None:
    """People, teams and duties that czar.yaml speaks of must be in the roster."""
    names = Names(roster)
    people = _place(value, ("notify", "people"))
    for key in people.keys.values() if service.notify.people and isinstance(people, Fields) else ():
        names.find(reading, key)
    for n, signoff in enumerate(service.signoff):
        for role in ("fallback", "override"):
            if getattr(signoff, role) is not None:
                _check_holder(_place(value, ("signoff", n, role)), roster, reading)
        if signoff.override is not None:
            _check_override(_place(value, ("signoff", n, "override")), reading)
        _note_too_few(signoff, _place(value, ("signoff", n, "quorum")), roster, reading)
        _note_shut(signoff, _place(value, ("signoff", n)), roster, reading)


def _check_override(value: Marked, reading: Reading) -> None:
    """Without `of` it would be the team's own duty, which its PTL holds where nobody else does."""
    if isinstance(value, Fields) and "of" not in value.entries:
        reading.wrong(value, "override", "'override' needs 'of': write of: community, or a team")


def _note_shut(signoff: Signoff, at: Marked, roster: Roster, reading: Reading) -> None:
    """Teams for whom nobody can ever sign."""
    found = [team.name for team in roster.teams.values() if _signers(team) == 0]
    if found and signoff.fallback is None:
        some = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        because = "nobody can sign for these teams, and there is no 'fallback': what they release stays shut"
        reading.note(at, "nobody-signs", f"{because}: {some}")


def _note_too_few(signoff: Signoff, at: Marked, roster: Roster, reading: Reading) -> None:
    """Teams whose releases nobody can ever let out by signing alone."""
    found = [team.name for team in roster.teams.values() if 0 < _signers(team) < _wanted(signoff, team)]
    if found:
        some = ", ".join(found[:3]) + (f" and {len(found) - 3} more" if len(found) > 3 else "")
        because = "with this 'quorum' and 'self_sign', too few people can sign requests of their own"
        reading.note(at, "too-few", f"{because}: {some}")


def _signers(team: Team) -> int:
    duty = team.duties.get("release")
    return len({*(duty.people() if duty else ()), *team.ptl})


def _wanted(signoff: Signoff, team: Team) -> int:
    """How many must be there so that one of them can upload a request and have it signed."""
    return signoff.quorum if signoff.self_sign and team.self_sign else signoff.quorum + 1


def _check_holder(value: Marked, roster: Roster, reading: Reading) -> None:
    duty, of = _place(value, ("duty",)), _place(value, ("of",))
    of_all = isinstance(of, Scalar) and of.text == COMMUNITY
    known = frozenset(roster.community) if of_all else known_duties(roster)
    if isinstance(duty, Scalar) and duty.text not in known:
        reading.unknown(duty, "duty of the community" if of_all else "duty", duty.text, known)
    if isinstance(of, Scalar):
        team_named(reading, of, roster)


WITH_SECRETS_USED = ("gerrit", "database_file", "notify")
"""The others' secrets are asked for once something uses them."""


def check_secrets(value: Marked, service: Service, reading: Reading, directory: Path) -> None:
    """Every secret that is used must be there and closed to others."""
    for loc, name in _secret_files(service, ()):
        if loc[0] not in WITH_SECRETS_USED:
            continue
        try:
            secrets.read(name, directory)
        except secrets.BadSecret as error:
            reading.wrong(_place(value, loc), "secret", f"{loc[-1]}: {error}")


def _secret_files(value: object, loc: tuple[int | str, ...]) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """The place and the name of each secret, also where it is the default one."""
    if isinstance(value, BaseModel):
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _secret_files(inner, (*loc, key))
    elif isinstance(value, tuple):
        for n, inner in enumerate(value):
            yield from _secret_files(inner, (*loc, n))
    elif isinstance(value, str) and str(loc[-1]).endswith("_file"):
        yield loc, value
