"""Signing off: the ledger, the gates of release requests, and what was found of tags."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Three new tables."""
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("before", sa.String, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("act", sa.String, nullable=False),
        sa.Column("repo", sa.String, nullable=False),
        sa.Column("version", sa.String, nullable=False),
        sa.Column("sha", sa.String, nullable=False),
        sa.Column("item", sa.String, nullable=False),
        sa.Column("patch_set", sa.Integer, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("rights", sa.Text, nullable=False),
        sa.Column("own", sa.Boolean, nullable=False),
        sa.Column("revision", sa.String, nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
    )
    op.create_index("ledger_release", "ledger", ["repo", "version"])
    op.create_index("ledger_item", "ledger", ["item"])
    op.create_table(
        "gates",
        sa.Column("item", sa.String, primary_key=True),
        sa.Column("repo", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("value", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("gates_state", "gates", ["state"])
    op.create_table(
        "audits",
        sa.Column("repo", sa.String, primary_key=True),
        sa.Column("version", sa.String, primary_key=True),
        sa.Column("sha", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("because", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String, nullable=False),
    )
    op.create_index("audits_state", "audits", ["state"])


def downgrade() -> None:
    """There is no way back: who signed what would be forgotten."""
    raise NotImplementedError("keep a copy of the journal before upgrading")
