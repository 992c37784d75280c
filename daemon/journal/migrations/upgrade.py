"""Runs Alembic from within, without files of settings."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, inspect

from daemon.journal.database import WRITERS_LOCK, UnknownSchema
from daemon.journal.tables import metadata


def upgrade(engine: Engine) -> None:
    """Bring the database to the newest revision, wholly or not at all. Raises UnknownSchema."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # whoever comes second finds it done
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")
        config.attributes["connection"] = connection
        try:
            if inspect(connection).has_table("alembic_version"):
                command.upgrade(config, "head")
            else:
                metadata.create_all(connection)
                command.stamp(config, "head")
        except CommandError as error:
            raise UnknownSchema(f"the journal was made by a newer czar: {error}") from error
