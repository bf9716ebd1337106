"""What a till sells from a depot is a task of the depot: to be sent.

Revision ID: 0050
Revises: 0049
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE depot_sending (
            sale_id uuid NOT NULL CONSTRAINT fk_depot_sending_sale_id_sale REFERENCES sale (id) ON DELETE RESTRICT,
            location_id uuid NOT NULL
                CONSTRAINT fk_depot_sending_location_id_location REFERENCES location (id) ON DELETE RESTRICT,
            asked_at timestamptz NOT NULL,
            sent_at timestamptz,
            sent_by uuid CONSTRAINT fk_depot_sending_sent_by_staff REFERENCES staff (id) ON DELETE RESTRICT,
            carrier text,
            tracking_no text,
            recipient jsonb,
            CONSTRAINT pk_depot_sending PRIMARY KEY (sale_id, location_id),
            CONSTRAINT ck_depot_sending_sent CHECK ((sent_at IS NOT NULL) = (carrier IS NOT NULL))
        )
        """
    )
    op.execute("CREATE INDEX ix_depot_sending_open ON depot_sending (location_id, asked_at) WHERE sent_at IS NULL")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE depot_sending")
