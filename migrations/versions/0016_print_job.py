"""Paper from the office: the print bridges of branches, and the jobs that wait for one.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE print_bridge (
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz,
    CONSTRAINT pk_print_bridge PRIMARY KEY (id),
    CONSTRAINT uq_print_bridge_token_hash UNIQUE (token_hash),
    CONSTRAINT ck_print_bridge_state CHECK (state IN ('ready', 'paper_out', 'cover_open', 'fault', 'offline')),
    CONSTRAINT fk_print_bridge_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT
);
CREATE INDEX ix_print_bridge_location ON print_bridge (location_id);
CREATE TABLE print_job (
    id uuid NOT NULL,
    location_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    width smallint NOT NULL,
    height integer NOT NULL,
    bits bytea NOT NULL,
    copies smallint NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    bridge_id uuid,
    taken_at timestamptz,
    ended_at timestamptz,
    outcome text,
    CONSTRAINT pk_print_job PRIMARY KEY (id),
    CONSTRAINT ck_print_job_kind CHECK (kind IN ('tag', 'bag')),
    CONSTRAINT ck_print_job_copies CHECK (copies BETWEEN 1 AND 50),
    CONSTRAINT ck_print_job_measures CHECK (width BETWEEN 1 AND 576 AND height BETWEEN 1 AND 20000),
    CONSTRAINT ck_print_job_bits CHECK (octet_length(bits) = (width + 7) / 8 * height),
    CONSTRAINT ck_print_job_ended CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT ck_print_job_outcome CHECK (outcome IN ('printed', 'dropped')),
    CONSTRAINT fk_print_job_location_id_location FOREIGN KEY (location_id) REFERENCES location (id) ON DELETE RESTRICT,
    CONSTRAINT fk_print_job_created_by_staff FOREIGN KEY (created_by) REFERENCES staff (id) ON DELETE RESTRICT,
    CONSTRAINT fk_print_job_bridge_id_print_bridge FOREIGN KEY (bridge_id) REFERENCES print_bridge (id) ON DELETE RESTRICT
);
CREATE INDEX ix_print_job_open ON print_job (location_id, created_at) WHERE ended_at IS NULL;
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(TABLES)


def downgrade() -> None:
    """Undo."""
    op.execute("DROP TABLE print_job, print_bridge")
