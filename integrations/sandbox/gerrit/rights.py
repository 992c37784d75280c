"""Who may take whom off a change.

https://gerrit-review.googlesource.com/Documentation/access-control.html#category_remove_reviewer
"""

from __future__ import annotations

from integrations.sandbox.gerrit import access
from integrations.sandbox.gerrit.records import Change
from integrations.sandbox.gerrit.registry import Registry


def may_remove(world: Registry, change: Change, actor: int, account_id: int) -> bool:
    """Oneself, an administrator, who has the right; the owner too, unless that account has a negative vote."""
    if actor == account_id or world.is_admin(actor) or _has_the_right(world, change, actor):
        return True
    here = change.current.number
    negative = any(key[:2] == (here, account_id) and vote.value < 0 for key, vote in change.votes.items())
    return actor == change.owner and not negative


def removable(world: Registry, change: Change, actor: int | None) -> list[int]:
    """Whom of its reviewers and CCs `actor` may take off."""
    if actor is None:
        return []
    return [who for who in change.reviewers if may_remove(world, change, actor, who)]


def _has_the_right(world: Registry, change: Change, actor: int) -> bool:
    return access.may_do(world, actor, change.project, change.ref, "removeReviewer")
