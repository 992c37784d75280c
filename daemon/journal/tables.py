"""The tables of the journal. Instants are whole microseconds since 1970 in UTC: see `instants`."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

HEAD = "0003"
"""The newest revision in `migrations/versions`; a journal of another one is upgraded when opened."""

metadata = MetaData()

Serial = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is the row's own number in SQLite

connections = Table(
    "connections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source", String, nullable=False),  # gerrit-stream, gerrit-rest, czar …
    Column("name", String, nullable=False),  # unique for each time a source connected
    Column("heard", BigInteger, nullable=False, server_default="0"),
    UniqueConstraint("source", "name"),
)

heard = Table(
    "heard",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("connection", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("raw", LargeBinary),  # zstd; NULL once pruned
)

dictionaries = Table(
    "dictionaries",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),  # as in the zstd frames made with it
    Column("content", LargeBinary, nullable=False),
)

decisions = Table(
    "decisions",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),  # of what was heard
    Column("item", String, nullable=False),
    Column("event", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("detail", LargeBinary),  # verdicts and what was looked up, JSON; NULL where no rule looked
    Index("decisions_item", "item"),
)

waiting = Table(
    "waiting",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("item", String, nullable=False),
    Column("since", BigInteger, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("because", Text, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("item", String, nullable=False),
    Column("repo", String, nullable=False),
    Column("slot", String, nullable=False),
    Column("duty", String, nullable=False),
    Column("team", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("person", String, nullable=False),
    Column("role", String, nullable=False),
    Column("state", String, nullable=False),
    Column("end", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("observed", Boolean, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("as_", String, nullable=False, server_default="reviewer"),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("added", Boolean, nullable=False, server_default=false()),
    Column("ladder", String, nullable=False, server_default=""),
    Column("began", BigInteger),
    Column("paused", BigInteger),
    Column("due", BigInteger),
    Column("step", Integer, nullable=False),
    Column("topic", String, nullable=False, server_default=""),
    Column("owner", String, nullable=False, server_default=""),
    Column("seq", BigInteger, nullable=False),  # of the decision that changed it last
    Index("cases_item", "item"),
    Index("cases_state", "state"),
    Index("cases_opened", "opened"),
    Index("cases_due", "due"),
)

declined = Table(
    "declined",
    metadata,
    Column("item", String, primary_key=True),
    Column("person", String, primary_key=True),
    Column("how", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

actions = Table(
    "actions",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("item", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("state", String, nullable=False),  # pending, done, refused, observed
    Column("doubt", Boolean, nullable=False),  # a request may be under way whose answer nobody has seen
    Column("tries", Integer, nullable=False),
    Column("next_try", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("settled", BigInteger),
    Index("actions_state", "state", "next_try"),
    Index("actions_item", "item"),
)

arrangements = Table(
    "arrangements",
    metadata,
    Column("key", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("person", String, nullable=False),
    Column("other", String, nullable=False),
    Column("team", String, nullable=False),
    Column("duty", String, nullable=False),
    Column("first", String),  # days as 2026-01-31
    Column("last", String),
    Column("ended", Boolean, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("item", String, nullable=False),
    Column("seq", BigInteger, nullable=False),  # of the decision that made it
)

messages_read = Table(
    "messages_read",
    metadata,
    Column("message", String, primary_key=True),  # the server's id
    Column("item", String, nullable=False),
    Column("person", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("replied", Boolean, nullable=False),
    Index("messages_read_item", "item"),
    Index("messages_read_at", "at"),
)

ledger = Table(  # rows are only ever added
    "ledger",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("before", String, nullable=False),
    Column("hash", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("act", String, nullable=False),
    Column("repo", String, nullable=False),
    Column("version", String, nullable=False),
    Column("sha", String, nullable=False),
    Column("item", String, nullable=False),
    Column("patch_set", Integer, nullable=False),
    Column("account", String, nullable=False),
    Column("person", String, nullable=False),
    Column("rights", Text, nullable=False),  # JSON: team and role of each
    Column("own", Boolean, nullable=False),
    Column("revision", String, nullable=False),
    Column("source", String, nullable=False),
    Column("because", Text, nullable=False),
    Index("ledger_release", "repo", "version"),
    Index("ledger_item", "item"),
)

gates = Table(
    "gates",
    metadata,
    Column("item", String, primary_key=True),
    Column("repo", String, nullable=False),
    Column("state", String, nullable=False),
    Column("value", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),  # all of it, JSON
    Index("gates_state", "state"),
)

audits = Table(
    "audits",
    metadata,
    Column("repo", String, primary_key=True),
    Column("version", String, primary_key=True),
    Column("sha", String, nullable=False),
    Column("state", String, nullable=False),
    Column("because", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("person", String, nullable=False),
    Index("audits_state", "state"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("scope", String, primary_key=True),
    Column("because", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

marks = Table(
    "marks",
    metadata,
    Column("name", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
