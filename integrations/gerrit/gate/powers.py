"""Rights that no label can hold back: to change the rules, to act as somebody else, to go past review."""

from __future__ import annotations

from integrations.gerrit.gate.access import CAPABILITIES, Grant, may_match

CONFIG = "refs/meta/config"
BRANCHES = "refs/heads/"
OVER_THE_SERVER = frozenset({"administrateServer", "runAs", "modifyAccount"})
"""These may change any rights, act as the bot, or give the bot another password."""
OVER_THE_CONFIG = frozenset({"owner", "push", "submit", "create"})
PAST_REVIEW = frozenset({"push", "create"})


EVERYBODY = frozenset({"global:Registered-Users", "global:Anonymous-Users"})
"""Groups of the server itself, by UUID: every account, and whoever is not even logged in."""


def is_everybody(grant: Grant) -> bool:
    """Whether all who have an account have it."""
    return grant.group in EVERYBODY


def rules_the_gate(grant: Grant) -> bool:
    """Whether who has it may change what opens the gate."""
    if grant.ref == CAPABILITIES:
        return grant.name in OVER_THE_SERVER
    if grant.name == "owner":
        return may_match(grant.ref, CONFIG) or may_match(grant.ref, BRANCHES)
    return grant.name in OVER_THE_CONFIG and may_match(grant.ref, CONFIG)


def goes_past_review(grant: Grant) -> bool:
    """Whether who has it may bring commits to a branch that nobody reviewed."""
    return grant.name in PAST_REVIEW and may_match(grant.ref, BRANCHES)
