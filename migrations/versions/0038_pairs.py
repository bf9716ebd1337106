"""Which styles the same people keep: pairs taken at night, for recommendations.

Revision ID: 0038
Revises: 0037
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        """
        CREATE TABLE style_pair (
            style_id uuid NOT NULL CONSTRAINT fk_style_pair_style_id_style REFERENCES style (id) ON DELETE CASCADE,
            other_id uuid NOT NULL CONSTRAINT fk_style_pair_other_id_style REFERENCES style (id) ON DELETE CASCADE,
            people integer NOT NULL,
            score double precision NOT NULL,
            CONSTRAINT pk_style_pair PRIMARY KEY (style_id, other_id),
            CONSTRAINT ck_style_pair_others CHECK (style_id <> other_id))
        """
    )
    op.execute(
        """
        CREATE TABLE style_rank (
            style_id uuid NOT NULL CONSTRAINT pk_style_rank PRIMARY KEY
                CONSTRAINT fk_style_rank_style_id_style REFERENCES style (id) ON DELETE CASCADE,
            people integer NOT NULL)
        """
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE style_pair")
    op.execute("DROP TABLE style_rank")
