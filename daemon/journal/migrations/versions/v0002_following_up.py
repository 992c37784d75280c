"""Following up: the ladder of a case, what people arranged, which messages were read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Cases learn to be followed up; two new tables."""
    for column in (
        sa.Column("as_", sa.String, nullable=False, server_default="reviewer"),
        sa.Column("times", sa.Integer, nullable=False, server_default="1"),
        sa.Column("added", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("ladder", sa.String, nullable=False, server_default=""),
        sa.Column("began", sa.BigInteger),
        sa.Column("paused", sa.BigInteger),
        sa.Column("topic", sa.String, nullable=False, server_default=""),
        sa.Column("owner", sa.String, nullable=False, server_default=""),
    ):
        op.add_column("cases", column)
    op.create_index("cases_due", "cases", ["due"])
    op.create_table(
        "arrangements",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("other", sa.String, nullable=False),
        sa.Column("team", sa.String, nullable=False),
        sa.Column("duty", sa.String, nullable=False),
        sa.Column("first", sa.String),
        sa.Column("last", sa.String),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "messages_read",
        sa.Column("message", sa.String, primary_key=True),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("replied", sa.Boolean, nullable=False),
    )
    op.create_index("messages_read_item", "messages_read", ["item"])
    op.create_index("messages_read_at", "messages_read", ["at"])


def downgrade() -> None:
    """There is no way back: what was arranged would be forgotten."""
    raise NotImplementedError("keep a copy of the journal before upgrading")
