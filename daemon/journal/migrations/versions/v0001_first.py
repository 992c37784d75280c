"""The first schema."""

from __future__ import annotations

from alembic import op

from daemon.journal.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """All tables. The first revision is the metadata itself; later ones say each change."""
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    """Nothing is before this."""
    metadata.drop_all(op.get_bind())
