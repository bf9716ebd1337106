"""The branch's word: journals of tills, bagged pieces, what a word found in open carts.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("stock", sa.Column("bagged", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_stock_bagged"), "stock", "bagged BETWEEN 0 AND promised")
    op.add_column("stock", sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("promise_word", sa.Column("in_hand", sa.Integer(), server_default="0", nullable=False))
    op.drop_column("till_opening", "posted_seq")
    op.create_table(
        "sync_entry",
        sa.Column("till_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("schema_v", sa.SmallInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("resolved_by", sa.Uuid(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_sync_entry_hash")),
        sa.CheckConstraint("status IN ('posted', 'quarantined', 'resolved')", name=op.f("ck_sync_entry_status")),
        sa.ForeignKeyConstraint(["resolved_by"], ["staff.id"], name=op.f("fk_sync_entry_resolved_by_staff"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["till_id"], ["till.id"], name=op.f("fk_sync_entry_till_id_till"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["till_id", "epoch"],
            ["till_epoch.till_id", "till_epoch.epoch"],
            name=op.f("fk_sync_entry_till_id_till_epoch"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("till_id", "epoch", "seq", name=op.f("pk_sync_entry")),
    )
    op.create_index("uq_sync_entry_entry_id", "sync_entry", ["entry_id"], unique=True)
    op.create_index(
        "ix_sync_entry_quarantined",
        "sync_entry",
        ["recorded_at"],
        postgresql_where=sa.text("status = 'quarantined'"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("sync_entry")
    op.add_column("till_opening", sa.Column("posted_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.drop_column("promise_word", "in_hand")
    op.drop_constraint(op.f("ck_stock_bagged"), "stock")
    op.drop_column("stock", "bagged")
    op.drop_column("stock", "counted_at")
