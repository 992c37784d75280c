"""The first schema, of czar 0.1. A new journal is made at once as it is now: see `upgrade`."""

from __future__ import annotations

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Journals of this revision exist; none is made any more."""
    raise NotImplementedError("a journal of this revision cannot be made any more")


def downgrade() -> None:
    """Nothing is before this."""
