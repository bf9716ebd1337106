"""Campaigns and customer journeys: what is told to whom, and one row for each person.

Revision ID: 0052
Revises: 0051
"""

import json

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE campaign (
        id uuid NOT NULL,
        kind text NOT NULL,
        name text NOT NULL,
        channel text NOT NULL,
        language text NOT NULL,
        segment_id uuid,
        template jsonb NOT NULL,
        promotion_id uuid,
        voucher_days integer,
        holdout_bp integer NOT NULL,
        window_days integer NOT NULL,
        days integer,
        state text NOT NULL,
        trouble text,
        starts_at timestamptz,
        started_at timestamptz,
        ended_at timestamptz,
        audience jsonb,
        enrolled_on date,
        version integer NOT NULL,
        written_by uuid,
        written_at timestamptz NOT NULL,
        CONSTRAINT pk_campaign PRIMARY KEY (id),
        CONSTRAINT fk_campaign_segment_id_segment FOREIGN KEY (segment_id) REFERENCES segment (id) ON DELETE RESTRICT,
        CONSTRAINT fk_campaign_promotion_id_promotion FOREIGN KEY (promotion_id) REFERENCES promotion (id) ON DELETE RESTRICT,
        CONSTRAINT fk_campaign_written_by_staff FOREIGN KEY (written_by) REFERENCES staff (id) ON DELETE RESTRICT,
        CONSTRAINT ck_campaign_kind CHECK (kind IN ('once', 'welcome', 'birthday', 'win_back')),
        CONSTRAINT ck_campaign_channel CHECK (channel IN ('email', 'sms', 'zalo')),
        CONSTRAINT ck_campaign_language CHECK (language IN ('vi', 'en')),
        CONSTRAINT ck_campaign_state CHECK (state IN ('draft', 'scheduled', 'sending', 'paused', 'done', 'cancelled')),
        CONSTRAINT ck_campaign_signed CHECK (state = 'draft' OR written_by IS NOT NULL),
        CONSTRAINT ck_campaign_audience CHECK ((kind = 'once') = (segment_id IS NOT NULL)),
        CONSTRAINT ck_campaign_voucher CHECK ((promotion_id IS NULL) = (voucher_days IS NULL)),
        CONSTRAINT ck_campaign_holdout CHECK (holdout_bp BETWEEN 0 AND 5000),
        CONSTRAINT ck_campaign_window CHECK (window_days BETWEEN 1 AND 60)
    )
    """,
    "CREATE INDEX ix_campaign_segment_id ON campaign (segment_id) WHERE segment_id IS NOT NULL",
    "CREATE INDEX ix_campaign_promotion_id ON campaign (promotion_id) WHERE promotion_id IS NOT NULL",
    "CREATE UNIQUE INDEX uq_campaign_journey ON campaign (kind) WHERE kind <> 'once'",
    """
    CREATE TABLE campaign_recipient (
        id uuid NOT NULL,
        campaign_id uuid NOT NULL,
        customer_id uuid NOT NULL,
        occasion text NOT NULL,
        state text NOT NULL,
        planned_at timestamptz NOT NULL,
        message_id uuid,
        voucher_id uuid,
        opted_out_at timestamptz,
        CONSTRAINT pk_campaign_recipient PRIMARY KEY (id),
        CONSTRAINT fk_campaign_recipient_campaign_id_campaign FOREIGN KEY (campaign_id) REFERENCES campaign (id)
            ON DELETE RESTRICT,
        CONSTRAINT fk_campaign_recipient_customer_id_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
            ON DELETE RESTRICT,
        CONSTRAINT fk_campaign_recipient_voucher_id_voucher FOREIGN KEY (voucher_id) REFERENCES voucher (id)
            ON DELETE RESTRICT,
        CONSTRAINT ck_campaign_recipient_state CHECK (state IN ('held_out', 'planned', 'skipped', 'asked', 'sent', 'failed',
            'too_late', 'withdrawn', 'cancelled')),
        CONSTRAINT ck_campaign_recipient_asked CHECK ((message_id IS NOT NULL) = (state IN ('asked', 'sent', 'failed',
            'too_late', 'withdrawn')) OR state = 'cancelled')
    )
    """,
    "CREATE UNIQUE INDEX uq_campaign_recipient_person ON campaign_recipient (campaign_id, customer_id, occasion)",
    "CREATE INDEX ix_campaign_recipient_customer_id ON campaign_recipient (customer_id)",
    "CREATE INDEX ix_campaign_recipient_open ON campaign_recipient (campaign_id, state, id) "
    "WHERE state IN ('planned', 'asked')",
    "CREATE INDEX ix_campaign_recipient_voucher_id ON campaign_recipient (voucher_id) WHERE voucher_id IS NOT NULL",
)
JOURNEYS = {
    "welcome": (
        "Chào khách mới",
        None,
        "Chào mừng {given_name} đến với {company}",
        "Chào {given_name}!",
        "Cảm ơn bạn đã cho phép chúng tôi gửi tin. Hàng mới và ưu đãi dành cho bạn sẽ đến đây, không quá vài lần mỗi tháng.",
        "{company}: cam on {given_name} da dang ky nhan tin. Hang moi va uu dai se den voi ban.",
    ),
    "birthday": (
        "Mừng sinh nhật",
        None,
        "Chúc mừng sinh nhật {given_name}",
        "Sinh nhật vui vẻ, {given_name}!",
        "{company} chúc bạn một tuổi mới thật vui. Ghé cửa hàng hoặc trang web khi bạn rảnh, chúng tôi luôn đón bạn.",
        "{company}: chuc mung sinh nhat {given_name}! Chuc ban mot tuoi moi that vui.",
    ),
    "win_back": (
        "Mời khách quay lại",
        120,
        "{given_name} ơi, lâu rồi chưa gặp",
        "Lâu rồi chưa gặp bạn",
        "Đã một thời gian bạn chưa ghé {company}. Nhiều mẫu mới đã về; mời bạn xem thử.\n\nBạn đang có {points} điểm.",
        "{company}: lau roi chua gap {given_name}. Nhieu mau moi da ve, moi ban ghe xem.",
    ),
}


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)
    for number, (kind, (name, days, subject, heading, body, line)) in enumerate(JOURNEYS.items(), 1):
        words = {"subject": subject, "heading": heading, "body": body, "line": line, "button_label": "", "button_url": ""}
        told = json.dumps(words, ensure_ascii=False).replace("'", "''")
        op.get_bind().exec_driver_sql(
            "INSERT INTO campaign (id, kind, name, channel, language, template, holdout_bp, window_days, days, state, version, "
            f"written_at) VALUES ('01900000-0000-7000-8000-00000000000{number}', '{kind}', '{name}', 'email', 'vi', '{told}', "
            f"1000, 14, {'NULL' if days is None else days}, 'draft', 1, now())"
        )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE campaign_recipient")
    op.execute("DROP TABLE campaign")
