"""The kinds of files that come in: how each is read, what it would change, and how it is brought in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from placket import catalog
from placket.imports import moving, moving_rules, rules

KindName = Literal["catalogue", "customers", "stock"]
Report = tuple[Any, list[catalog.Fault]]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file. ``demands`` are the rights that bringing one in takes besides that of importing."""

    headers: Mapping[str, tuple[str, ...]]
    required: Sequence[str]
    row: Callable[[int, Mapping[str, str]], Any]
    plan: Callable[[Session, list[Any]], Report]
    write: Callable[[Session, list[Any], UUID, datetime], Report]
    demands: Sequence[str] = ()


KINDS: Final[Mapping[str, Kind]] = {
    "catalogue": Kind(
        rules.HEADERS,
        rules.REQUIRED,
        rules.goods_of,
        catalog.plan_goods,
        lambda tx, rows, _staff_id, now: catalog.write_goods(tx, rows, now=now),
    ),
    "customers": Kind(
        moving_rules.CUSTOMER_HEADERS,
        moving_rules.CUSTOMER_REQUIRED,
        moving_rules.customer_of,
        moving.plan_customers,
        lambda tx, rows, staff_id, now: moving.write_customers(tx, rows, staff_id=staff_id, now=now),
        ("customer.write", "credit.issue"),
    ),
    "stock": Kind(
        moving_rules.STOCK_HEADERS,
        moving_rules.STOCK_REQUIRED,
        moving_rules.stock_of,
        moving.plan_stock,
        lambda tx, rows, staff_id, now: moving.write_stock(tx, rows, staff_id=staff_id, now=now),
        ("stock.adjust",),
    ),
}

SENTENCES: Final[Mapping[str, tuple[str, str]]] = {**rules.SENTENCES, **moving_rules.SENTENCES}
