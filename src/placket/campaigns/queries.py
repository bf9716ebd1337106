"""Questions about campaigns: who could be told, how far one has come, what those told and those held out have bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from placket.campaigns.models import Campaign
from placket.campaigns.rules import HELD_OUT_SQL, Group

ADDRESS: Final = {"email": "c.email", "sms": "c.phone", "zalo": "c.phone"}
SAMPLE: Final = 8
# The people of a segment, and what keeps each from being told. Of two with one address, one is told.
PEOPLE: Final = """
    SELECT c.id, #ADDRESS# AS address, k.customer_id IS NOT NULL AS agrees,
           row_number() OVER (PARTITION BY #ADDRESS#, k.customer_id IS NOT NULL ORDER BY c.id) AS place
      FROM segment_member m JOIN customer c ON c.id = m.customer_id AND c.merged_into IS NULL
      LEFT JOIN marketing_consent k ON k.customer_id = c.id AND k.channel = :channel
     WHERE m.segment_id = :segment
"""
REACHED: Final = "agrees AND address IS NOT NULL AND place = 1"
HELD_OUT: Final = HELD_OUT_SQL.format(customer="id")


@dataclass(frozen=True, slots=True)
class Audience:
    """A segment as a channel reaches it: everybody is counted once."""

    people: int
    no_consent: int
    no_address: int
    same_address: int
    held_out: int

    @property
    def told(self) -> int:
        """How many are told."""
        return self.people - self.no_consent - self.no_address - self.same_address - self.held_out


def people_sql(channel: str) -> str:
    """The query of a segment's people by a channel."""
    return PEOPLE.replace("#ADDRESS#", ADDRESS[channel])


def audience(tx: Session, *, campaign_id: UUID, segment_id: UUID, channel: str, holdout_bp: int) -> Audience:
    """Who of a segment would be told now."""
    counted = text(
        f"""
        SELECT count(*) AS people, count(*) FILTER (WHERE NOT agrees) AS no_consent,
               count(*) FILTER (WHERE agrees AND address IS NULL) AS no_address,
               count(*) FILTER (WHERE agrees AND address IS NOT NULL AND place > 1) AS same_address,
               count(*) FILTER (WHERE {REACHED} AND {HELD_OUT}) AS held_out
          FROM ({people_sql(channel)}) p
        """
    )
    facts = {"campaign": str(campaign_id), "segment": segment_id, "channel": channel, "holdout_bp": holdout_bp}
    return Audience(**tx.execute(counted, facts).one()._asdict())


def some_reached(tx: Session, *, segment_id: UUID, channel: str) -> Sequence[Row[Any]]:
    """A few of the people who would be told, for a look at what they get."""
    found = text(
        f"SELECT c.id, c.full_name FROM ({people_sql(channel)}) p JOIN customer c ON c.id = p.id "
        f"WHERE {REACHED} ORDER BY md5(c.id::text) LIMIT {SAMPLE}"
    )
    return tx.execute(found, {"segment": segment_id, "channel": channel}).all()


_LIST: Final = """
    SELECT c.id, c.kind, c.name, c.channel, c.state, c.trouble, c.starts_at, c.started_at, c.ended_at, c.holdout_bp,
           c.segment_id, g.name AS segment_name, c.promotion_id, p.name_vi AS promotion_name, c.version, c.written_at,
           s.full_name AS written_by_name, coalesce(r.counts, '{}'::jsonb) AS counts
      FROM campaign c
      LEFT JOIN segment g ON g.id = c.segment_id
      LEFT JOIN promotion p ON p.id = c.promotion_id
      LEFT JOIN staff s ON s.id = c.written_by
      LEFT JOIN LATERAL (
           SELECT jsonb_object_agg(state, people) AS counts
             FROM (SELECT state, count(*) AS people FROM campaign_recipient r WHERE r.campaign_id = c.id GROUP BY state) n
           ) r ON true
"""


def campaigns(tx: Session) -> Sequence[Row[Any]]:
    """Every campaign that somebody has written, the newest first."""
    return tx.execute(text(f"{_LIST} WHERE c.kind = 'once' ORDER BY c.written_at DESC, c.id DESC LIMIT 500")).all()


def journeys(tx: Session) -> Sequence[Row[Any]]:
    """The journeys, in the order of a customer's life."""
    order = "array_position(ARRAY['welcome', 'birthday', 'win_back'], c.kind)"
    return tx.execute(text(f"{_LIST} WHERE c.kind <> 'once' ORDER BY {order}")).all()


def campaign(tx: Session, campaign_id: UUID) -> Row[Any] | None:
    """One of either, as a list shows it."""
    return tx.execute(text(f"{_LIST} WHERE c.id = :id"), {"id": campaign_id}).one_or_none()


def due(tx: Session, *, now: datetime) -> list[UUID]:
    """The campaigns whose moment has come."""
    scheduled = select(Campaign.id).where(Campaign.state == "scheduled", Campaign.starts_at <= now)
    return list(tx.scalars(scheduled.order_by(Campaign.starts_at, Campaign.id)))


def under_way(tx: Session) -> Sequence[Row[UUID, bool]]:
    """The campaigns and journeys that are being sent: [id, suggests]."""
    sent = select(Campaign.id, Campaign.suggests).where(Campaign.state == "sending")
    return tx.execute(sent.order_by(Campaign.started_at, Campaign.id)).all()


def person(tx: Session, *, customer_id: UUID, channel: str) -> Row[Any] | None:
    """Somebody as a template knows them."""
    return tx.execute(
        text(
            f"SELECT c.id, c.full_name, c.given_name, a.points, {ADDRESS[channel]} AS address FROM customer c "
            "JOIN customer_account a ON a.customer_id = c.id WHERE c.id = :id AND c.merged_into IS NULL"
        ),
        {"id": customer_id},
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class Bought:
    """What a group has bought within the window, in all and by channel; how many of them have bought."""

    group: Group
    buyers: int
    store_vnd: int
    web_vnd: int


# Under every id a person has had; net of what came back within the window.
_BOUGHT: Final = """
    SELECT r.state = 'held_out' AS held_out, count(*) AS people, coalesce(sum(b.net_vnd), 0)::bigint AS sum_vnd,
           coalesce(sum(b.net_vnd::float8 ^ 2), 0) AS squares, count(*) FILTER (WHERE b.bought) AS buyers,
           coalesce(sum(b.store_vnd), 0)::bigint AS store_vnd, coalesce(sum(b.web_vnd), 0)::bigint AS web_vnd
      FROM campaign_recipient r
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(s.total_vnd), 0) AS net_vnd, count(*) FILTER (WHERE s.total_vnd > 0) > 0 AS bought,
                  sum(s.total_vnd) FILTER (WHERE s.channel = 'store') AS store_vnd,
                  sum(s.total_vnd) FILTER (WHERE s.channel = 'web') AS web_vnd
             FROM sale s
            WHERE s.customer_id IN (SELECT r.customer_id
                                     UNION SELECT id FROM customer WHERE merged_into = r.customer_id
                                     UNION SELECT merged_into FROM customer WHERE id = r.customer_id)
              AND s.state = 'posted' AND s.sold_at >= r.planned_at
              AND s.sold_at < r.planned_at + make_interval(days => :days)) b
     WHERE r.campaign_id = :id AND r.state <> 'cancelled' GROUP BY 1
"""
_VOUCHERS: Final = """
    SELECT count(*) FILTER (WHERE r.state = 'sent') AS given,
           count(*) FILTER (WHERE s.channel = 'store') AS store, count(*) FILTER (WHERE s.channel = 'web') AS web
      FROM campaign_recipient r JOIN voucher v ON v.id = r.voucher_id LEFT JOIN sale s ON s.id = v.sale_id
     WHERE r.campaign_id = :id
"""
_LEFT: Final = "SELECT count(*) FROM campaign_recipient WHERE campaign_id = :id AND opted_out_at IS NOT NULL"


def bought(tx: Session, *, campaign_id: UUID, days: int) -> tuple[Bought, Bought]:
    """What those told and those held out have bought, each in their own window."""
    rows = {row.held_out: row for row in tx.execute(text(_BOUGHT), {"id": campaign_id, "days": days})}
    made = [
        Bought(Group(row.people, row.sum_vnd, row.squares), row.buyers, row.store_vnd, row.web_vnd)
        if (row := rows.get(held_out)) is not None
        else Bought(Group(0, 0, 0.0), 0, 0, 0)
        for held_out in (False, True)
    ]
    return made[0], made[1]


def vouchers(tx: Session, campaign_id: UUID) -> Row[Any]:
    """How many vouchers went out with it, and where they were used."""
    return tx.execute(text(_VOUCHERS), {"id": campaign_id}).one()


def mail_of(tx: Session, staff_id: UUID) -> str | None:
    """The mail address of somebody of the staff."""
    found: str | None = tx.scalar(text("SELECT email FROM staff WHERE id = :id"), {"id": staff_id})
    return found


def left(tx: Session, campaign_id: UUID) -> int:
    """How many wanted no more by its link."""
    return int(tx.scalar(text(_LEFT), {"id": campaign_id}) or 0)
