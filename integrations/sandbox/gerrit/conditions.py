"""Gerrit's query language: what queries, submit requirements and copy conditions have in common.

https://gerrit-review.googlesource.com/Documentation/user-search.html: terms side by side mean AND, OR binds tighter,
`-` and NOT turn a term round, values are quoted with "" or {}.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from integrations.sandbox.gerrit.records import Refusal

Atom = Callable[[str, str], bool]  # operator ("" for a bare word) and value
Node = tuple[str, tuple["Node", ...], str, str]  # and | or | not | atom, parts, operator, value

_TOKEN = re.compile(r'\s*(-?\(|\)|-?[a-z_]+:(?:"[^"]*"|\{[^}]*\}|[^\s()]+)|"[^"]*"|[^\s()]+)')


def holds(text: str, atom: Atom) -> bool:
    """Whether `text` is true where `atom` tells the truth of each term; 400 when it cannot be read."""
    return _truth(_parsed(text), atom)


def atoms(text: str, atom: Atom) -> tuple[list[str], list[str]]:
    """The terms that are true and those that are not, as they are written, without a `-` before them."""
    truths = {f"{operator}:{value}": atom(operator, value) for operator, value in _leaves(_parsed(text))}
    return [term for term, truth in truths.items() if truth], [term for term, truth in truths.items() if not truth]


def _leaves(node: Node) -> Iterator[tuple[str, str]]:
    kind, parts, operator, value = node
    if kind == "atom":
        yield operator, value
    for part in parts:
        yield from _leaves(part)


def _truth(node: Node, atom: Atom) -> bool:
    kind, parts, operator, value = node
    if kind == "atom":
        return atom(operator, value)
    truths = [_truth(part, atom) for part in parts]
    if kind == "not":
        return not truths[0]
    return any(truths) if kind == "or" else all(truths)


@lru_cache(maxsize=1000)
def _parsed(text: str) -> Node:
    tokens = _TOKEN.findall(text)[::-1]
    node = _all_of(tokens)
    if tokens:
        raise Refusal(400, f"line 1:0 no viable alternative at input '{tokens[-1]}'")
    return node


def _all_of(tokens: list[str]) -> Node:
    parts = []
    while tokens and tokens[-1] != ")":
        if tokens[-1] == "AND":
            tokens.pop()
            continue
        parts.append(_any_of(tokens))
    return ("and", tuple(parts), "", "")


def _any_of(tokens: list[str]) -> Node:
    parts = [_term(tokens)]
    while tokens and tokens[-1] == "OR":
        tokens.pop()
        parts.append(_term(tokens))
    return parts[0] if len(parts) == 1 else ("or", tuple(parts), "", "")


def _term(tokens: list[str]) -> Node:
    if not tokens:
        raise Refusal(400, "line 1:0 no viable alternative at input '<EOF>'")
    token = tokens.pop()
    if token == "NOT":  # noqa: S105  # a word of the query language
        return ("not", (_term(tokens),), "", "")
    if token.startswith("-") and len(token) > 1:
        tokens.append(token[1:])
        return ("not", (_term(tokens),), "", "")
    if token != "(":  # noqa: S105
        operator, colon, value = token.partition(":")
        operator, value = (operator, value) if colon and not token.startswith('"') else ("", token)
        return ("atom", (), operator, re.sub(r'^"(.*)"$|^\{(.*)\}$', r"\1\2", value))
    inside = _all_of(tokens)
    if not tokens or tokens.pop() != ")":
        raise Refusal(400, "line 1:0 missing ')'")
    return inside
