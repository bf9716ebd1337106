"""Runs the migrations against DATABASE_URL, or against the connection that the caller hands in."""

import os
from importlib import import_module
from pathlib import Path

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

import placket.core.jobs
from placket.core.db import Base, sqlalchemy_url
from placket.events import Xid8

# Every table must be known before the models are compared: a list by hand had forgotten some that only other tests imported.
for folder in placket.__path__:
    for models in sorted(Path(folder).glob("*/*models.py")):
        import_module(f"placket.{models.parent.name}.{models.stem}")

ischema_names["xid8"] = Xid8  # SQLAlchemy does not know this type when it reads the database's schema


def run(connection: Connection) -> None:
    """Upgrade or compare on one connection, each migration in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
        include_name=lambda name, kind, _parents: not (kind == "table" and (name or "").startswith("procrastinate_")),
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(sqlalchemy_url(os.environ["DATABASE_URL"]))
    with engine.connect() as connection:
        run(connection)
    engine.dispose()
