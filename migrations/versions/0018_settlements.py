"""Settlement: acquirers' files compared with card tenders, and their differences.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = (
    """
    CREATE TABLE settlement_file (
        id uuid NOT NULL,
        location_id uuid NOT NULL,
        filename text NOT NULL,
        sha256 bytea NOT NULL,
        from_on date NOT NULL,
        to_on date NOT NULL,
        uploaded_by uuid NOT NULL,
        uploaded_at timestamptz NOT NULL,
        CONSTRAINT pk_settlement_file PRIMARY KEY (id),
        CONSTRAINT uq_settlement_file_location_id_sha256 UNIQUE (location_id, sha256),
        CONSTRAINT fk_settlement_file_location_id_location
            FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
        CONSTRAINT fk_settlement_file_uploaded_by_staff FOREIGN KEY (uploaded_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    """
    CREATE TABLE settlement_line (
        file_id uuid NOT NULL,
        no integer NOT NULL,
        occurred_on date NOT NULL,
        reference text NOT NULL,
        bank_vnd bigint,
        ours_vnd bigint,
        sale_id uuid,
        outcome text NOT NULL,
        note text,
        accepted_by uuid,
        accepted_at timestamptz,
        CONSTRAINT pk_settlement_line PRIMARY KEY (file_id, no),
        CONSTRAINT ck_settlement_line_outcome
            CHECK (outcome IN ('matched', 'other_amount', 'missing_here', 'missing_there')),
        CONSTRAINT ck_settlement_line_accepted CHECK ((accepted_at IS NULL) = (note IS NULL)),
        CONSTRAINT fk_settlement_line_file_id_settlement_file
            FOREIGN KEY (file_id) REFERENCES settlement_file (id) ON DELETE RESTRICT,
        CONSTRAINT fk_settlement_line_sale_id_sale FOREIGN KEY (sale_id) REFERENCES sale (id) ON DELETE RESTRICT,
        CONSTRAINT fk_settlement_line_accepted_by_staff FOREIGN KEY (accepted_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in TABLES:
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for table in ("settlement_line", "settlement_file"):
        op.execute(f"DROP TABLE {table}")
