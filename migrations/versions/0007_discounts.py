"""The parts of a line's discount: what was taken off by hand, with its reason and who approved it, and what points paid.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE sale_discount (
    sale_id uuid NOT NULL,
    line_no smallint NOT NULL,
    no smallint NOT NULL,
    kind text NOT NULL,
    amount_vnd bigint NOT NULL,
    reason text,
    note text,
    approved_by uuid,
    CONSTRAINT pk_sale_discount PRIMARY KEY (sale_id, line_no, no),
    CONSTRAINT ck_sale_discount_kind CHECK (kind IN ('manual', 'points')),
    CONSTRAINT ck_sale_discount_amount CHECK (amount_vnd <> 0),
    CONSTRAINT ck_sale_discount_reason CHECK (kind <> 'manual' OR reason IS NOT NULL),
    CONSTRAINT fk_sale_discount_sale_id_line_no_sale_line FOREIGN KEY (sale_id, line_no)
        REFERENCES sale_line (sale_id, line_no) ON DELETE RESTRICT,
    CONSTRAINT fk_sale_discount_approved_by_staff FOREIGN KEY (approved_by) REFERENCES staff (id) ON DELETE RESTRICT
)
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLE)


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE sale_discount")
