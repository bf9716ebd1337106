"""Find the events of a sale by its id; pairing codes may be made at the console, by nobody on the staff.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        'ix_event_sale', 'event', ['key'], unique=False,
        postgresql_where=sa.text("topic IN ('sale.completed', 'sale.voided')"),
    )
    op.alter_column('pairing_code', 'created_by', existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM pairing_code WHERE created_by IS NULL")
    op.alter_column('pairing_code', 'created_by', existing_type=sa.Uuid(), nullable=False)
    op.drop_index('ix_event_sale', table_name='event', postgresql_where=sa.text("topic IN ('sale.completed', 'sale.voided')"))
