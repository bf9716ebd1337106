"""Who may be the same person: beside somebody, and in the whole book. Whoever was said to be somebody else is left out."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from placket.crm.queries import FACE

Rows = Sequence[Row[Any]]

REASONS: Final = ("email", "phone", "birthday", "home")
BESIDE_MAX: Final = 10
PAIRS_MAX: Final = 60

# A number mistyped has one digit wrong, or two that are next to each other the wrong way round.
_SAME_NAME: Final = "o.folded_name = c.folded_name"
_SAME_BIRTHDAY: Final = "o.birth_month = c.birth_month AND o.birth_day = c.birth_day"
_WHY: Final = f"""
    o.email = c.email AS email,
    {_SAME_NAME} AND length(o.phone) = length(c.phone)
      AND (SELECT count(*) <= 2 FROM generate_series(1, length(c.phone)) n
            WHERE substr(o.phone, n, 1) <> substr(c.phone, n, 1)) AS phone,
    {_SAME_NAME} AND {_SAME_BIRTHDAY} AS birthday,
    {_SAME_NAME} AND o.home_location_id = c.home_location_id AS home
"""  # noqa: S608 - put together from the constants of this file; every value is bound
_NOT_APART: Final = """
    NOT EXISTS (SELECT 1 FROM customer_apart x
                 WHERE x.one_id = least(c.id, o.id) AND x.other_id = greatest(c.id, o.id))
"""
_STRENGTH: Final = "email IS TRUE DESC, phone IS TRUE DESC, birthday IS TRUE DESC, home IS TRUE DESC"
_BESIDE: Final = f"""
SELECT * FROM (
    SELECT o.id AS other_id, o.created_at, {_WHY}
      FROM customer c JOIN customer o ON o.id <> c.id AND o.merged_into IS NULL AND ({_SAME_NAME} OR o.email = c.email)
     WHERE c.id = :id AND {_NOT_APART}) alike
 WHERE email OR phone OR birthday OR home ORDER BY {_STRENGTH}, created_at LIMIT :limit
"""  # noqa: S608 - put together from the constants of this file; every value is bound
# A name and a birthday alone are no suspicion in a book of a million people: the branch has to be the same too. What stands
# there more than once is found in the indexes alone.
_PAIRS: Final = f"""
WITH named AS (
    SELECT folded_name, birth_month, birth_day, home_location_id FROM customer
     WHERE merged_into IS NULL AND birth_day IS NOT NULL AND home_location_id IS NOT NULL
     GROUP BY 1, 2, 3, 4 HAVING count(*) > 1),
mailed AS (
    SELECT email FROM customer WHERE merged_into IS NULL AND email IS NOT NULL GROUP BY 1 HAVING count(*) > 1),
alike AS (
    SELECT c.id AS one_id, o.id AS other_id FROM named t
      JOIN customer c USING (folded_name, birth_month, birth_day, home_location_id)
      JOIN customer o USING (folded_name, birth_month, birth_day, home_location_id)
     WHERE o.id > c.id AND c.merged_into IS NULL AND o.merged_into IS NULL
     UNION
    SELECT c.id, o.id FROM mailed t JOIN customer c USING (email) JOIN customer o USING (email)
     WHERE o.id > c.id AND c.merged_into IS NULL AND o.merged_into IS NULL)
SELECT *, (count(*) OVER ())::int AS whole FROM (
    SELECT c.id AS one_id, o.id AS other_id, {_WHY}
      FROM alike a JOIN customer c ON c.id = a.one_id JOIN customer o ON o.id = a.other_id
     WHERE {_NOT_APART} AND #REACH#) told
 ORDER BY {_STRENGTH}, one_id, other_id LIMIT :limit
"""  # noqa: S608 - put together from the constants of this file; every value is bound
_IN_REACH: Final = """
    EXISTS (SELECT 1 FROM customer_branch b WHERE b.customer_id = {}.id AND b.location_id = ANY(CAST(:scope AS uuid[])))
"""
_BOTH_IN_REACH: Final = " AND ".join(_IN_REACH.format(one) for one in ("c", "o"))


_FACES: Final = (
    FACE.replace("SELECT c.id,", "SELECT coalesce(z.orders, 0) AS orders, coalesce(z.net_vnd, 0) AS net_vnd, c.id,")
    + " LEFT JOIN customer_score z ON z.customer_id = c.id WHERE c.id = ANY(CAST(:ids AS uuid[]))"
)


def beside(tx: Session, customer_id: UUID) -> Rows:
    """Who may be the same person as somebody, the likeliest first, with what says so (``REASONS``)."""
    return tx.execute(text(_BESIDE), {"id": customer_id, "limit": BESIDE_MAX}).all()


def pairs(tx: Session, *, scope: Sequence[UUID] | None) -> Rows:
    """Pairs in the whole book, the likeliest first, with how many there are; whoever was there first is ``one``."""
    query = _PAIRS.replace("#REACH#", "true" if scope is None else _BOTH_IN_REACH)
    facts = {"limit": PAIRS_MAX} | ({} if scope is None else {"scope": list(scope)})
    return tx.execute(text(query), facts).all()


def faces(tx: Session, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """What stands side by side of these people, also what they have bought."""
    rows = tx.execute(text(_FACES), {"ids": list(ids)}).all()
    return {row.id: row for row in rows}


def why(row: Row[Any]) -> list[str]:
    """What says that they may be the same."""
    return [reason for reason in REASONS if getattr(row, reason)]
