"""Which consents a merge said again in the survivor's name, so that undoing it gives each profile its own back.

Revision ID: 0053
Revises: 0052
"""

from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

# Merges that can still be undone: the words of the survivor that are word for word one of the other's, written down later.
KNOWN = """
UPDATE customer_merge m
   SET words = ARRAY(SELECT s.id FROM consent s JOIN consent l ON l.customer_id = m.loser_id
                        AND (l.purpose, l.granted, l.channel, l.text_version, l.given_at)
                          = (s.purpose, s.granted, s.channel, s.text_version, s.given_at)
                        AND (l.way, l.staff_id, l.till_id) IS NOT DISTINCT FROM (s.way, s.staff_id, s.till_id) AND s.id > l.id
                      WHERE s.customer_id = m.survivor_id ORDER BY s.id)
 WHERE m.undone_at IS NULL AND m.merged_at > now() - interval '31 days'
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE customer_merge ADD COLUMN words bigint[] NOT NULL DEFAULT '{}'")
    op.execute(KNOWN)


def downgrade() -> None:
    """Undo."""
    op.execute("ALTER TABLE customer_merge DROP COLUMN words")
