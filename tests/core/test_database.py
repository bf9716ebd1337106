"""The schema stands: an upgraded empty database equals the models, and books cannot be rewritten."""

import os

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from conftest import ADDRESS, drop_database, make_database, url_of
from placket.core.db import Database
from placket.core.settings import ROOT


def test_the_upgraded_database_equals_the_models(database: Database) -> None:
    config = Config(ROOT / "alembic.ini")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_orders_of_the_web_that_were_there_before_codes_get_one_by_their_time() -> None:
    name = "placket_test_orders"
    make_database(name, os.environ[ADDRESS])
    database = Database(url_of(name), pool_size=1)
    config = Config(ROOT / "alembic.ini")
    order = (
        "INSERT INTO sale (id, channel, state, location_id, pieces, list_vnd, discount_vnd, total_vnd, vat_vnd, "
        "price_version, promo_version, sold_at, sold_on) "
        "SELECT gen_random_uuid(), 'web', 'posted', gen_random_uuid(), day, 0, 0, 0, 0, 1, 0, "
        "make_date(2026, 5, day), make_date(2026, 5, day) FROM unnest(ARRAY[3, 1, 2]) AS day"
    )
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text(order))
        connection.commit()
        command.upgrade(config, "head")
        numbered = connection.execute(text("SELECT pieces, receipt_code FROM sale ORDER BY pieces")).all()
        assert numbered == [(1, "W-00000001"), (2, "W-00000002"), (3, "W-00000003")]
        assert connection.scalar(text("SELECT nextval('web_order_no')")) == 4
        connection.commit()
    database.dispose()
    drop_database(name)


@pytest.mark.parametrize("table", ["stock_ledger", "audit_log"])
@pytest.mark.parametrize("change", ["UPDATE {} SET staff_id = NULL", "DELETE FROM {}", "TRUNCATE {}"])
def test_append_only_tables_refuse_change(tx: Session, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="append only"):
        tx.execute(text(change.format(table)))


def test_search_folds_case_and_vietnamese_marks(tx: Session) -> None:
    folded = tx.scalar(text("SELECT f_fold('ĐẦM Lụa cổ ĐỔ')"))
    assert folded == "dam lua co do"
