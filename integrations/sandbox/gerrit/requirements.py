"""Submit requirements: what their expressions say of a change, and whether it may be submitted.

https://gerrit-review.googlesource.com/Documentation/config-submit-requirements.html
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from integrations.sandbox.gerrit.conditions import atoms, holds
from integrations.sandbox.gerrit.records import Change, Label, Refusal, Requirement
from integrations.sandbox.gerrit.registry import Registry
from integrations.sandbox.gerrit.votes import value_named

_TERM = re.compile(r"(?P<label>[^=<>,]+)(?P<sign>>=|<=|=|>|<)(?P<value>[^,]+)(?:,(?P<rest>.*))?")
_SIGNS = {"=": operator.eq, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One expression: PASS, FAIL or ERROR, and which of its terms are so."""

    expression: str
    status: str
    passing: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    error: str = ""

    @property
    def fulfilled(self) -> bool:
        return self.status == "PASS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A requirement on a change; expressions that are not there have no result."""

    requirement: Requirement
    submittable: Result
    applicable: Result | None
    override: Result | None

    @property
    def status(self) -> str:
        """SATISFIED, UNSATISFIED, OVERRIDDEN, NOT_APPLICABLE or ERROR."""
        asked = [one for one in (self.applicable, self.submittable, self.override) if one]
        if any(one.status == "ERROR" for one in asked):
            return "ERROR"
        if self.applicable and not self.applicable.fulfilled:
            return "NOT_APPLICABLE"
        if self.override and self.override.fulfilled:
            return "OVERRIDDEN"
        return "SATISFIED" if self.submittable.fulfilled else "UNSATISFIED"


def judged(world: Registry, change: Change) -> list[Judged]:
    return [judge(world, change, one) for one in world.requirements_of(change).values()]


def judge(world: Registry, change: Change, requirement: Requirement) -> Judged:
    def result(expression: str) -> Result | None:
        return evaluate(world, change, expression) if expression else None

    return Judged(
        requirement=requirement,
        submittable=evaluate(world, change, requirement.submittable_if),
        applicable=result(requirement.applicable_if),
        override=result(requirement.override_if),
    )


def unsatisfied(world: Registry, change: Change) -> list[str]:
    """Names of the requirements in the way; one that cannot be evaluated is."""
    return [one.requirement.name for one in judged(world, change) if one.status in ("UNSATISFIED", "ERROR")]


def evaluate(world: Registry, change: Change, expression: str) -> Result:
    def atom(name: str, value: str) -> bool:
        return _operator(name, value)(world, change, value)

    try:
        truth = holds(expression, atom)
        passing, failing = atoms(expression, atom)
    except Refusal as refusal:
        return Result(expression=expression, status="ERROR", error=refusal.message)
    return Result(
        expression=expression, status="PASS" if truth else "FAIL", passing=tuple(passing), failing=tuple(failing)
    )


def check(name: str, expression: str) -> None:
    """Refuses a submittability expression that cannot be read."""

    def known(operator_name: str, value: str) -> bool:
        _operator(operator_name, value)
        return True

    try:
        atoms(expression, known)
    except Refusal as error:
        where = f"(parameter submit-requirement.{name}.submittableIf) is invalid: {error.message}"
        told = f"  project.config: Expression '{expression}' of submit requirement '{name}' {where}"
        text = f"Invalid submit requirement input: [Invalid project configuration, {told}]"
        raise Refusal(400, text) from error


def label_term(world: Registry, change: Change, text: str) -> bool:
    """`Code-Review=MAX,user=x`: whether some vote on the current patch set is so (0: nobody voted)."""
    match = _TERM.fullmatch(text)
    if match is None:
        raise Refusal(400, f"Invalid label term: {text}")
    label = world.labels_of(change).get(match["label"])
    if label is None:
        return False
    counted = _counted(world, change, label, match["rest"] or "")
    if match["value"] == "ANY":
        return any(counted)
    wanted = value_named(label, match["value"])
    if wanted == 0 and match["sign"] == "=":
        return not counted
    return any(_SIGNS[match["sign"]](value, wanted) for value in counted)


def _counted(world: Registry, change: Change, label: Label, rest: str) -> list[int]:
    who = None
    if rest:
        kind, _, name = rest.rpartition("=")
        who = _people(world, change, kind or "user", name)
    return [
        vote.value
        for (number, account_id, name), vote in change.votes.items()
        if number == change.current.number and name == label.name and (who is None or account_id in who)
    ]


def _people(world: Registry, change: Change, kind: str, name: str) -> frozenset[int]:
    """Nobody, where no account is called so."""
    if kind == "group":
        try:
            return world.group(name).members
        except Refusal as error:
            raise Refusal(400, f"Group {name} not found") from error
    if name == "owner":
        return frozenset({change.owner})
    if name == "non_uploader":
        return frozenset(world.accounts) - {change.current.uploader}
    try:
        return frozenset({world.find_account(name).account_id})
    except Refusal:
        return frozenset()


def _is(_world: Registry, _change: Change, value: str) -> bool:
    if value not in ("true", "false"):
        raise Refusal(400, f"Unrecognized value: {value}")
    return value == "true"


def _branch(_world: Registry, change: Change, value: str) -> bool:
    wanted = value if value.startswith("refs/") else f"refs/heads/{value}"
    return change.ref == wanted


def _has(_world: Registry, change: Change, value: str) -> bool:
    if value != "unresolved":
        raise Refusal(400, f"Unrecognized value: {value}")
    return any(comment.unresolved for comment in change.comments)


_OPERATORS: dict[str, Callable[[Registry, Change, str], bool]] = {
    "label": label_term,
    "is": _is,
    "branch": _branch,
    "has": _has,
}


def _operator(name: str, value: str) -> Callable[[Registry, Change, str], bool]:
    if name not in _OPERATORS:
        raise Refusal(400, f"Unsupported operator {name}:{value}")
    return _OPERATORS[name]
