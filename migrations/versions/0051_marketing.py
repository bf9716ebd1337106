"""Advertising: consent by channel as rows in force, which a message that waits must point at; the house's hours and caps.

Revision ID: 0051
Revises: 0050
"""

from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

CHANNELS = "('email', 'sms', 'zalo', 'push')"

WORDS = (
    "ALTER TABLE consent ADD COLUMN way text",
    f"ALTER TABLE consent ADD CONSTRAINT ck_consent_way CHECK (way IS NULL OR (way IN {CHANNELS} AND purpose = 'marketing')) NOT VALID",
    "ALTER TABLE consent VALIDATE CONSTRAINT ck_consent_way",
    f"""
    CREATE TABLE marketing_consent (
        customer_id uuid NOT NULL,
        channel text NOT NULL,
        consent_id bigint NOT NULL,
        since timestamptz NOT NULL,
        CONSTRAINT pk_marketing_consent PRIMARY KEY (customer_id, channel),
        CONSTRAINT fk_marketing_consent_customer_id_customer FOREIGN KEY (customer_id) REFERENCES customer (id)
            ON DELETE RESTRICT,
        CONSTRAINT fk_marketing_consent_consent_id_consent FOREIGN KEY (consent_id) REFERENCES consent (id)
            ON DELETE RESTRICT,
        CONSTRAINT ck_marketing_consent_channel CHECK (channel IN {CHANNELS})
    )
    """,
    "CREATE INDEX ix_marketing_consent_consent_id ON marketing_consent (consent_id)",
    "CREATE INDEX ix_marketing_consent_since ON marketing_consent (since)",
    # The last word that speaks of a channel: one about every channel, or about this one.
    """
    CREATE FUNCTION marketing_words(p_people uuid[])
    RETURNS TABLE (customer_id uuid, channel text, consent_id bigint, granted boolean, given_at timestamptz)
    LANGUAGE sql STABLE AS $$
        SELECT DISTINCT ON (k.customer_id, w.channel) k.customer_id, w.channel, k.id, k.granted, k.given_at
          FROM consent k CROSS JOIN unnest(ARRAY['email', 'sms', 'zalo', 'push']) w(channel)
         WHERE k.customer_id = ANY(p_people) AND k.purpose = 'marketing' AND (k.way IS NULL OR k.way = w.channel)
         ORDER BY k.customer_id, w.channel, k.id DESC
    $$
    """,
)
MESSAGES = (
    "ALTER TABLE message ADD COLUMN purpose text NOT NULL DEFAULT 'service', ADD COLUMN customer_id uuid",
    "ALTER TABLE message DROP CONSTRAINT ck_message_channel, DROP CONSTRAINT ck_message_state, "
    "DROP CONSTRAINT ck_message_ended",
    f"ALTER TABLE message ADD CONSTRAINT ck_message_channel CHECK (channel IN {CHANNELS})",
    "ALTER TABLE message ADD CONSTRAINT ck_message_state "
    "CHECK (state IN ('waiting', 'held', 'sent', 'failed', 'too_late', 'withdrawn', 'cancelled'))",
    "ALTER TABLE message ADD CONSTRAINT ck_message_ended CHECK ((state IN ('waiting', 'held')) = (ended_at IS NULL))",
    "ALTER TABLE message ADD CONSTRAINT ck_message_purpose "
    "CHECK (purpose = 'service' OR (purpose = 'marketing' AND customer_id IS NOT NULL))",
    # As long as advertising waits, this names the consent it needs; what has ended needs none.
    "ALTER TABLE message ADD COLUMN consent_channel text GENERATED ALWAYS AS "
    "(CASE WHEN purpose = 'marketing' AND state IN ('waiting', 'held') THEN channel END) STORED",
    "ALTER TABLE message ADD CONSTRAINT fk_message_customer_id_consent_channel_marketing_consent "
    "FOREIGN KEY (customer_id, consent_channel) REFERENCES marketing_consent (customer_id, channel) ON DELETE RESTRICT",
    "CREATE INDEX ix_message_customer_id ON message (customer_id, ended_at) WHERE customer_id IS NOT NULL",
    "CREATE INDEX ix_message_address ON message (channel, address, ended_at) WHERE purpose = 'marketing'",
    """
    CREATE FUNCTION refuse_unasked_advertising() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN
        RAISE EXCEPTION 'advertising begins by waiting, under a consent in force' USING ERRCODE = 'check_violation';
    END $$
    """,
    "CREATE TRIGGER advertising_waits BEFORE INSERT OR UPDATE OF purpose ON message FOR EACH ROW "
    "WHEN (NEW.purpose = 'marketing' AND NEW.state NOT IN ('waiting', 'held')) "
    "EXECUTE FUNCTION refuse_unasked_advertising()",
    """
    CREATE TABLE message_terms (
        id integer NOT NULL DEFAULT 1,
        from_minute integer NOT NULL,
        until_minute integer NOT NULL,
        day_max integer NOT NULL,
        week_max integer NOT NULL,
        written_by uuid,
        written_at timestamptz NOT NULL,
        CONSTRAINT pk_message_terms PRIMARY KEY (id),
        CONSTRAINT ck_message_terms_one CHECK (id = 1),
        CONSTRAINT ck_message_terms_hours CHECK (from_minute >= 0 AND from_minute < until_minute AND until_minute <= 1440),
        CONSTRAINT ck_message_terms_caps CHECK (day_max >= 1 AND week_max >= day_max AND week_max <= 50),
        CONSTRAINT fk_message_terms_written_by_staff FOREIGN KEY (written_by) REFERENCES staff (id) ON DELETE RESTRICT
    )
    """,
    "INSERT INTO message_terms (from_minute, until_minute, day_max, week_max, written_at) VALUES (480, 1260, 1, 3, now())",
)
FOLLOWED = (
    # Whoever asks for advertising holds the row it needs: wait for them, then end what they have asked for. Who is taken back
    # is taken back under every id they had.
    """
    CREATE FUNCTION follow_marketing() RETURNS trigger LANGUAGE plpgsql
    AS $$
    DECLARE
        people uuid[] := ARRAY(SELECT DISTINCT m.customer_id FROM made m WHERE m.purpose = 'marketing' ORDER BY 1);
        ids uuid[];
    BEGIN
        IF cardinality(people) = 0 THEN RETURN NULL; END IF;
        ids := people || ARRAY(SELECT c.id FROM customer c WHERE c.merged_into = ANY(people));
        PERFORM 1 FROM marketing_consent k WHERE k.customer_id = ANY(ids) ORDER BY k.customer_id, k.channel FOR UPDATE;
        UPDATE message m SET state = 'withdrawn', ended_at = clock_timestamp()
          FROM marketing_words(people) w, customer c
         WHERE NOT w.granted AND c.id = ANY(ids) AND w.customer_id IN (c.id, c.merged_into)
           AND m.customer_id = c.id AND m.consent_channel = w.channel;
        DELETE FROM marketing_consent k USING marketing_words(people) w, customer c
         WHERE NOT w.granted AND c.id = ANY(ids) AND w.customer_id IN (c.id, c.merged_into)
           AND k.customer_id = c.id AND k.channel = w.channel;
        INSERT INTO marketing_consent (customer_id, channel, consent_id, since)
        SELECT w.customer_id, w.channel, w.consent_id, w.given_at FROM marketing_words(people) w WHERE w.granted
            ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
    """,
    "CREATE TRIGGER follow_marketing AFTER INSERT ON consent REFERENCING NEW TABLE AS made "
    "FOR EACH STATEMENT EXECUTE FUNCTION follow_marketing()",
    "INSERT INTO marketing_consent (customer_id, channel, consent_id, since) "
    "SELECT w.customer_id, w.channel, w.consent_id, w.given_at "
    "FROM marketing_words(ARRAY(SELECT DISTINCT customer_id FROM consent WHERE purpose = 'marketing')) w WHERE w.granted",
)


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for statement in (*WORDS, *MESSAGES, *FOLLOWED):
        op.execute(statement)


def downgrade() -> None:
    """Undo."""
    for statement in (
        "DROP TRIGGER follow_marketing ON consent",
        "DELETE FROM message WHERE purpose = 'marketing' OR channel = 'zalo' OR state IN ('held', 'withdrawn', 'cancelled')",
        "DROP TRIGGER advertising_waits ON message",
        "ALTER TABLE message DROP COLUMN consent_channel, DROP COLUMN purpose, DROP COLUMN customer_id, "
        "DROP CONSTRAINT ck_message_channel, DROP CONSTRAINT ck_message_state, DROP CONSTRAINT ck_message_ended",
        "ALTER TABLE message ADD CONSTRAINT ck_message_channel CHECK (channel IN ('email', 'sms', 'push')), "
        "ADD CONSTRAINT ck_message_state CHECK (state IN ('waiting', 'sent', 'failed', 'too_late')), "
        "ADD CONSTRAINT ck_message_ended CHECK ((state = 'waiting') = (ended_at IS NULL))",
        "DROP TABLE message_terms",
        "DROP TABLE marketing_consent",
        "DROP FUNCTION follow_marketing, refuse_unasked_advertising, marketing_words",
        "ALTER TABLE consent DROP COLUMN way",
    ):
        op.execute(statement)
