"""The schema stands: an upgraded empty database equals the models, and books cannot be rewritten."""

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from placket.core.db import Database
from placket.core.settings import ROOT


def test_the_upgraded_database_equals_the_models(database: Database) -> None:
    config = Config(ROOT / "alembic.ini")
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


@pytest.mark.parametrize("table", ["stock_ledger", "audit_log"])
@pytest.mark.parametrize("change", ["UPDATE {} SET staff_id = NULL", "DELETE FROM {}", "TRUNCATE {}"])
def test_append_only_tables_refuse_change(tx: Session, table: str, change: str) -> None:
    with pytest.raises(DBAPIError, match="append only"):
        tx.execute(text(change.format(table)))


def test_search_folds_case_and_vietnamese_marks(tx: Session) -> None:
    folded = tx.scalar(text("SELECT f_fold('ĐẦM Lụa cổ ĐỔ')"))
    assert folded == "dam lua co do"
