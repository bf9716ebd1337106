"""Pieces that a till sold from a depot and that are not there: looked for elsewhere, or given back.

Revision ID: 0057
Revises: 0056
"""

from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE sending_lack (
            id uuid NOT NULL CONSTRAINT pk_sending_lack PRIMARY KEY,
            sale_id uuid NOT NULL,
            location_id uuid NOT NULL,
            line_no smallint NOT NULL,
            qty integer NOT NULL CONSTRAINT ck_sending_lack_qty CHECK (qty > 0),
            state text NOT NULL
                CONSTRAINT ck_sending_lack_state
                CHECK (state IN ('moving', 'nowhere', 'sent', 'handed_over', 'refunded', 'over')),
            missed_at timestamptz NOT NULL,
            missed_by uuid CONSTRAINT fk_sending_lack_missed_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
            ended_at timestamptz,
            ended_by uuid CONSTRAINT fk_sending_lack_ended_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
            from_id uuid CONSTRAINT fk_sending_lack_from_id_location REFERENCES location (id) ON DELETE RESTRICT,
            carrier text,
            tracking_no text,
            recipient jsonb,
            return_id uuid CONSTRAINT fk_sending_lack_return_id_courier_return
                REFERENCES courier_return (id) ON DELETE RESTRICT,
            CONSTRAINT fk_sending_lack_sale_id_depot_sending FOREIGN KEY (sale_id, location_id)
                REFERENCES depot_sending (sale_id, location_id) ON DELETE RESTRICT,
            CONSTRAINT fk_sending_lack_sale_id_sale_line FOREIGN KEY (sale_id, line_no)
                REFERENCES sale_line (sale_id, line_no) ON DELETE RESTRICT,
            CONSTRAINT ck_sending_lack_ended CHECK ((ended_at IS NULL) = (state IN ('moving', 'nowhere'))),
            CONSTRAINT ck_sending_lack_from CHECK ((from_id IS NOT NULL) = (state IN ('sent', 'handed_over'))),
            CONSTRAINT ck_sending_lack_carrier CHECK ((carrier IS NOT NULL) = (state = 'sent')),
            CONSTRAINT ck_sending_lack_return CHECK ((return_id IS NOT NULL) = (state = 'refunded'))
        )
        """
    )
    op.execute("CREATE INDEX ix_sending_lack_sale_id ON sending_lack (sale_id, line_no)")
    op.execute("CREATE INDEX ix_sending_lack_open ON sending_lack (missed_at) WHERE state IN ('moving', 'nowhere')")
    op.execute("ALTER TABLE courier_return DROP CONSTRAINT ck_courier_return_kind")
    op.execute(
        "ALTER TABLE courier_return ADD CONSTRAINT ck_courier_return_kind CHECK (kind IN ('asked', 'undelivered', 'unsent'))"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE sending_lack")
    op.execute("ALTER TABLE courier_return DROP CONSTRAINT ck_courier_return_kind")
    op.execute("ALTER TABLE courier_return ADD CONSTRAINT ck_courier_return_kind CHECK (kind IN ('asked', 'undelivered'))")
