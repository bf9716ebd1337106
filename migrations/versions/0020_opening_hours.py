"""Opening hours are text, as the routes take them: the demo had written them as pairs, on which every question stumbled.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

AS_TEXT = """
UPDATE location SET opening_hours = (
    SELECT jsonb_object_agg(day, CASE jsonb_typeof(period) WHEN 'array' THEN to_jsonb((period ->> 0) || '-' || (period ->> 1))
                                                           ELSE period END)
      FROM jsonb_each(opening_hours) AS of_day(day, period))
 WHERE opening_hours <> '{}'
"""


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(AS_TEXT)


def downgrade() -> None:
    """Undo: nothing, the text was right before, too."""
