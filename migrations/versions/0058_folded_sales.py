"""Sales are folded into what their buyers had bought before: a year's money with its day, whom to count anew, styles' categories.

Revision ID: 0058
Revises: 0057
"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; whoever scores next scores everybody, and the next night gathers all that was bought."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE customer_score ADD COLUMN year_vnd bigint NOT NULL DEFAULT 0, "
        "ADD COLUMN year_on date NOT NULL DEFAULT '1970-01-01'"
    )
    op.execute("ALTER TABLE score_cursor ADD COLUMN recounted uuid[]")
    op.execute(
        """
        CREATE TABLE style_bought (
            style_id uuid NOT NULL CONSTRAINT pk_style_bought PRIMARY KEY
                CONSTRAINT fk_style_bought_style_id_style REFERENCES style (id) ON DELETE RESTRICT,
            category_id uuid NOT NULL
                CONSTRAINT fk_style_bought_category_id_category REFERENCES category (id) ON DELETE RESTRICT)
        """
    )
    op.execute("DELETE FROM score_cursor")


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE style_bought")
    op.execute("ALTER TABLE score_cursor DROP COLUMN recounted")
    op.execute("ALTER TABLE customer_score DROP COLUMN year_on, DROP COLUMN year_vnd")
