"""The journal's schema through time (Alembic)."""
