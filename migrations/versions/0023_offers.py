"""A part of a line's discount may be a promotion's, with the version that gave it and what each piece got.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE sale_discount ADD COLUMN promotion_id uuid, ADD COLUMN promotion_version int, "
        "ADD COLUMN shares_vnd bigint[]"
    )
    op.execute("ALTER TABLE sale_discount DROP CONSTRAINT ck_sale_discount_kind")
    op.execute(
        "ALTER TABLE sale_discount "
        "ADD CONSTRAINT ck_sale_discount_kind CHECK (kind IN ('manual', 'points', 'promotion')), "
        "ADD CONSTRAINT ck_sale_discount_promotion CHECK ((kind = 'promotion') = (promotion_id IS NOT NULL) "
        "AND (promotion_id IS NULL) = (promotion_version IS NULL) AND (promotion_id IS NULL) = (shares_vnd IS NULL)), "
        "ADD CONSTRAINT fk_sale_discount_promotion_id_promotion_version_promotion_version "
        "FOREIGN KEY (promotion_id, promotion_version) REFERENCES promotion_version (promotion_id, version) ON DELETE RESTRICT"
    )


def downgrade() -> None:
    """Undo."""
    op.execute("DELETE FROM sale_discount WHERE kind = 'promotion'")
    op.execute(
        "ALTER TABLE sale_discount "
        "DROP CONSTRAINT fk_sale_discount_promotion_id_promotion_version_promotion_version, "
        "DROP CONSTRAINT ck_sale_discount_promotion, DROP CONSTRAINT ck_sale_discount_kind, "
        "DROP COLUMN promotion_id, DROP COLUMN promotion_version, DROP COLUMN shares_vnd, "
        "ADD CONSTRAINT ck_sale_discount_kind CHECK (kind IN ('manual', 'points'))"
    )
