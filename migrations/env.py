"""Runs the migrations against DATABASE_URL, or against the connection that the caller hands in."""

import os

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects.postgresql.base import ischema_names

import placket.catalog.models
import placket.core.jobs
import placket.crm.loyalty_models
import placket.crm.models
import placket.events
import placket.identity.models
import placket.imports.models
import placket.inventory.count_models
import placket.inventory.models
import placket.payments.models
import placket.payments.online_models
import placket.pos.counter_models
import placket.pos.models
import placket.pos.print_models
import placket.pos.shift_models
import placket.promotions.models
import placket.realtime.models
import placket.sales.models
import placket.sales.order_models
import placket.shop.models  # noqa: F401 - every table must be known before the models are compared
from placket.core.db import Base, sqlalchemy_url
from placket.events import Xid8

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
