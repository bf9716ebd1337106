"""The spine: people and devices, catalogue, stock, sales, events.

Revision ID: 0001
Revises: 
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import UserDefinedType

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id."""

    cache_ok = True

    def get_col_spec(self, **_kwargs: object) -> str:
        """The column's type in DDL."""
        return "xid8"


# Search ignores case and Vietnamese marks; `unaccent` also folds đ. Marked immutable (the dictionary is fixed) so that
# it can stand in an index. Names are qualified because the function runs with any search path.
FOLD = """
CREATE FUNCTION f_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT public.unaccent('public.unaccent'::regdictionary, normalize(lower(value), NFC)) $$
"""

# The words of a text twice, with their marks and without: one index answers what was typed and what was meant.
WORDS = """
CREATE FUNCTION f_words(value text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
AS $$ SELECT to_tsvector('pg_catalog.simple', value || ' ' || public.f_fold(value)) $$
"""

REFUSE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% is append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""

# Statement triggers: they cost an insert nothing.
APPEND_ONLY = ("stock_ledger", "audit_log")


def upgrade() -> None:
    """Apply."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public")
    op.execute(FOLD)
    op.execute(WORDS)
    op.execute(REFUSE)
    op.create_table('attempt_limit',
    sa.Column('subject', sa.Text(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('window_starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_attempt_limit'))
    )
    op.create_table('audit_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('subject_type', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('before', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('after', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('ip', sa.Text(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_log'))
    )
    op.create_index('ix_audit_log_subject', 'audit_log', ['subject_type', 'subject_id', 'id'], unique=False)
    op.create_table('catalogue_state',
    sa.Column('id', sa.SmallInteger(), nullable=False),
    sa.Column('catalogue_version', sa.BigInteger(), nullable=False),
    sa.Column('price_version', sa.BigInteger(), nullable=False),
    sa.Column('own_barcode_no', sa.BigInteger(), server_default='0', nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_catalogue_state_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_catalogue_state'))
    )
    op.create_table('category',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('parent_id', sa.Uuid(), nullable=True),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['category.id'], name=op.f('fk_category_parent_id_category'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_category')),
    sa.UniqueConstraint('slug', name=op.f('uq_category_slug'))
    )
    op.create_table('colour',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('hex', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_colour')),
    sa.UniqueConstraint('code', name=op.f('uq_colour_code'))
    )
    op.create_table('company',
    sa.Column('id', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('tax_code', sa.Text(), nullable=True),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('incarnation', sa.Uuid(), nullable=False),
    sa.Column('demo_seed', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_company_only_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_company'))
    )
    op.create_table('event',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('xid', Xid8(), server_default=sa.text('pg_current_xact_id()'), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('key_version', sa.BigInteger(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event'))
    )
    op.create_index('ix_event_xid', 'event', ['xid'], unique=False)
    op.create_table('event_cursor',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('snapshot', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_event_cursor'))
    )
    op.create_table('location',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('city', sa.Text(), nullable=False),
    sa.Column('address', sa.Text(), nullable=True),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('board_no', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('incarnation', sa.Integer(), server_default='1', nullable=False),
    sa.Column('opening_hours', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('opened_on', sa.DateTime(timezone=True), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.CheckConstraint("code ~ '^[A-Z0-9]{2,8}$'", name=op.f('ck_location_code')),
    sa.CheckConstraint("kind IN ('branch', 'depot')", name=op.f('ck_location_kind')),
    sa.CheckConstraint("status IN ('active', 'closed')", name=op.f('ck_location_status')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_location')),
    sa.UniqueConstraint('code', name=op.f('uq_location_code'))
    )
    op.create_table('picture_blob',
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.CheckConstraint('octet_length(body) <= 5242880', name=op.f('ck_picture_blob_size')),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_picture_blob'))
    )
    op.create_table('role_grant',
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('verb', sa.Text(), nullable=False),
    sa.Column('discount_bp_max', sa.Integer(), nullable=True),
    sa.Column('refund_vnd_max', sa.BigInteger(), nullable=True),
    sa.CheckConstraint("role IN ('cashier', 'store_manager', 'warehouse', 'marketer', 'accountant', 'owner', 'it')", name=op.f('ck_role_grant_role')),
    sa.CheckConstraint('discount_bp_max BETWEEN 0 AND 10000', name=op.f('ck_role_grant_discount')),
    sa.CheckConstraint('refund_vnd_max >= 0', name=op.f('ck_role_grant_refund')),
    sa.PrimaryKeyConstraint('role', 'verb', name=op.f('pk_role_grant'))
    )
    op.create_table('season',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_season')),
    sa.UniqueConstraint('code', name=op.f('uq_season_code'))
    )
    op.create_table('size_scale',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_size_scale')),
    sa.UniqueConstraint('code', name=op.f('uq_size_scale_code'))
    )
    op.create_table('staff',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('full_name', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('totp_secret', sa.Text(), nullable=True),
    sa.Column('totp_confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('totp_last_step', sa.BigInteger(), nullable=True),
    sa.Column('pin_hash', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("status IN ('active', 'left')", name=op.f('ck_staff_status')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_staff_email_lower')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('code', name=op.f('uq_staff_code')),
    sa.UniqueConstraint('email', name=op.f('uq_staff_email'))
    )
    op.create_table('vat_class',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vat_class')),
    sa.UniqueConstraint('code', name=op.f('uq_vat_class_code'))
    )
    op.create_table('customer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('full_name', sa.Text(), nullable=False),
    sa.Column('given_name', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=True),
    sa.Column('email', sa.Text(), nullable=True),
    sa.Column('birthday', sa.Date(), nullable=True),
    sa.Column('home_location_id', sa.Uuid(), nullable=True),
    sa.Column('merged_into', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("phone ~ '^\\+[0-9]{8,15}$'", name=op.f('ck_customer_phone_e164')),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_customer_email_lower')),
    sa.ForeignKeyConstraint(['home_location_id'], ['location.id'], name=op.f('fk_customer_home_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['merged_into'], ['customer.id'], name=op.f('fk_customer_merged_into_customer'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_customer'))
    )
    op.create_index('uq_customer_phone', 'customer', ['phone'], unique=True, postgresql_where=sa.text('merged_into IS NULL'))
    op.create_table('import_file',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('filename', sa.Text(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('rows_total', sa.Integer(), nullable=True),
    sa.Column('rows_read', sa.Integer(), server_default='0', nullable=False),
    sa.Column('rows_wrong', sa.Integer(), server_default='0', nullable=False),
    sa.Column('summary', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('errors', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("kind IN ('catalogue')", name=op.f('ck_import_file_kind')),
    sa.CheckConstraint("state IN ('checking', 'checked', 'applying', 'applied', 'failed')", name=op.f('ck_import_file_state')),
    sa.ForeignKeyConstraint(['created_by'], ['staff.id'], name=op.f('fk_import_file_created_by_staff'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_file'))
    )
    op.create_table('price_list',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=True),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("channel IN ('store', 'web')", name=op.f('ck_price_list_channel')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_price_list_period')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_price_list_location_id_location'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price_list')),
    sa.UniqueConstraint('code', name=op.f('uq_price_list_code'))
    )
    op.create_table('setting',
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_by', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['updated_by'], ['staff.id'], name=op.f('fk_setting_updated_by_staff'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_setting'))
    )
    op.create_table('size',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('size_scale_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['size_scale_id'], ['size_scale.id'], name=op.f('fk_size_size_scale_id_size_scale'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_size'))
    )
    op.create_index('uq_size_of_scale', 'size', ['size_scale_id', 'code'], unique=True)
    op.create_table('staff_role',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.CheckConstraint("role IN ('cashier', 'store_manager', 'warehouse', 'marketer', 'accountant', 'owner', 'it')", name=op.f('ck_staff_role_role')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_staff_role_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_role_staff_id_staff'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_role'))
    )
    op.create_index('uq_staff_role_whole', 'staff_role', ['staff_id', 'role', 'location_id'], unique=True, postgresql_nulls_not_distinct=True)
    op.create_table('stock_document',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("kind IN ('opening', 'sale', 'return', 'void', 'receipt', 'transfer_out', 'transfer_in', 'adjustment', 'count')", name=op.f('ck_stock_document_kind')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_stock_document_staff_id_staff'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_document'))
    )
    op.create_table('style',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('name_vi', sa.Text(), nullable=False),
    sa.Column('name_en', sa.Text(), nullable=False),
    sa.Column('category_id', sa.Uuid(), nullable=False),
    sa.Column('season_id', sa.Uuid(), nullable=True),
    sa.Column('size_scale_id', sa.Uuid(), nullable=False),
    sa.Column('vat_class_id', sa.Uuid(), nullable=False),
    sa.Column('description_vi', sa.Text(), nullable=True),
    sa.Column('material', sa.Text(), nullable=True),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("status IN ('draft', 'active', 'archived')", name=op.f('ck_style_status')),
    sa.ForeignKeyConstraint(['category_id'], ['category.id'], name=op.f('fk_style_category_id_category'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['season_id'], ['season.id'], name=op.f('fk_style_season_id_season'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['size_scale_id'], ['size_scale.id'], name=op.f('fk_style_size_scale_id_size_scale'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['vat_class_id'], ['vat_class.id'], name=op.f('fk_style_vat_class_id_vat_class'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_style')),
    sa.UniqueConstraint('code', name=op.f('uq_style_code'))
    )
    op.create_index('ix_style_category_id', 'style', ['category_id'], unique=False)
    op.create_index('ix_style_name', 'style', [sa.literal_column('f_words(name_vi)')], unique=False, postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    op.create_index('ix_style_name_trigram', 'style', [sa.literal_column('f_fold(name_vi)').label('folded')], unique=False, postgresql_using='gin', postgresql_ops={'folded': 'gin_trgm_ops'})
    op.create_table('till',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.SmallInteger(), nullable=False),
    sa.Column('till_no', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('epoch', sa.Integer(), server_default='1', nullable=False),
    sa.Column('last_opening', sa.Integer(), server_default='0', nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('public_key', sa.Text(), nullable=True),
    sa.Column('token_hash', sa.LargeBinary(), nullable=True),
    sa.Column('paired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('app_version', sa.Text(), nullable=True),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("status IN ('active', 'lost', 'retired')", name=op.f('ck_till_status')),
    sa.CheckConstraint('epoch BETWEEN 1 AND 99', name=op.f('ck_till_epoch')),
    sa.CheckConstraint('till_no BETWEEN 1 AND 9999', name=op.f('ck_till_till_no')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_till_location_id_location'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_till')),
    sa.UniqueConstraint('till_no', name=op.f('uq_till_till_no')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_till_token_hash'))
    )
    op.create_index('uq_till_location_number', 'till', ['location_id', 'number'], unique=True)
    op.create_table('vat_rate',
    sa.Column('vat_class_id', sa.Uuid(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('rate_bp', sa.Integer(), nullable=False),
    sa.Column('legal_basis', sa.Text(), nullable=False),
    sa.CheckConstraint('rate_bp BETWEEN 0 AND 10000', name=op.f('ck_vat_rate_rate')),
    sa.ForeignKeyConstraint(['vat_class_id'], ['vat_class.id'], name=op.f('fk_vat_rate_vat_class_id_vat_class'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('vat_class_id', 'starts_on', name=op.f('pk_vat_rate'))
    )
    op.create_table('pairing_code',
    sa.Column('code_hash', sa.LargeBinary(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('till_name', sa.Text(), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['staff.id'], name=op.f('fk_pairing_code_created_by_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_pairing_code_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_pairing_code_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_pairing_code'))
    )
    op.create_table('picture',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('style_id', sa.Uuid(), nullable=False),
    sa.Column('colour_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['colour_id'], ['colour.id'], name=op.f('fk_picture_colour_id_colour'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['sha256'], ['picture_blob.sha256'], name=op.f('fk_picture_sha256_picture_blob'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['style_id'], ['style.id'], name=op.f('fk_picture_style_id_style'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_picture'))
    )
    op.create_index('ix_picture_style_id', 'picture', ['style_id'], unique=False)
    op.create_table('sale',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('epoch', sa.Integer(), nullable=True),
    sa.Column('opening', sa.Integer(), nullable=True),
    sa.Column('receipt_no', sa.Integer(), nullable=True),
    sa.Column('receipt_code', sa.Text(), nullable=True),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('customer_id', sa.Uuid(), nullable=True),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('list_vnd', sa.BigInteger(), nullable=False),
    sa.Column('discount_vnd', sa.BigInteger(), nullable=False),
    sa.Column('total_vnd', sa.BigInteger(), nullable=False),
    sa.Column('vat_vnd', sa.BigInteger(), nullable=False),
    sa.Column('rounding_vnd', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('price_version', sa.BigInteger(), nullable=False),
    sa.Column('promo_version', sa.BigInteger(), nullable=False),
    sa.Column('exception', sa.Text(), nullable=True),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=True),
    sa.Column('sold_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sold_on', sa.Date(), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('voided_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("channel IN ('store', 'web')", name=op.f('ck_sale_channel')),
    sa.CheckConstraint("exception IN ('blind', 'amber_refused', 'override', 'ended_opening')", name=op.f('ck_sale_exception')),
    sa.CheckConstraint("state IN ('posted', 'void')", name=op.f('ck_sale_state')),
    sa.CheckConstraint('(till_id IS NULL) = (receipt_no IS NULL) AND (till_id IS NULL) = (epoch IS NULL)', name=op.f('ck_sale_receipt')),
    sa.CheckConstraint('receipt_no BETWEEN 1 AND 9999999', name=op.f('ck_sale_receipt_no')),
    sa.CheckConstraint('total_vnd = list_vnd - discount_vnd', name=op.f('ck_sale_total')),
    sa.ForeignKeyConstraint(['customer_id'], ['customer.id'], name=op.f('fk_sale_customer_id_customer'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_sale_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_sale_staff_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_sale_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale'))
    )
    op.create_index('ix_sale_customer_id', 'sale', ['customer_id'], unique=False, postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.create_index('ix_sale_location_sold_at', 'sale', ['location_id', 'sold_at'], unique=False)
    op.create_index('ix_sale_sold_at', 'sale', ['sold_at'], unique=False)
    op.create_index('uq_sale_till_epoch_receipt', 'sale', ['till_id', 'epoch', 'receipt_no'], unique=True)
    op.create_table('staff_session',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=False),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ip', sa.Text(), nullable=True),
    sa.Column('user_agent', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_session_staff_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_staff_session_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_staff_session_token_hash'))
    )
    op.create_index('ix_staff_session_staff_id', 'staff_session', ['staff_id'], unique=False)
    op.create_table('till_epoch',
    sa.Column('till_id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('receipt_prefix', sa.Text(), nullable=False),
    sa.Column('last_receipt_no', sa.Integer(), server_default='0', nullable=False),
    sa.Column('posted_seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('posted_hash', sa.LargeBinary(), nullable=True),
    sa.Column('reported_head_seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_till_epoch_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('till_id', 'epoch', name=op.f('pk_till_epoch')),
    sa.UniqueConstraint('receipt_prefix', name=op.f('uq_till_epoch_receipt_prefix'))
    )
    op.create_table('till_opening',
    sa.Column('till_id', sa.Uuid(), nullable=False),
    sa.Column('opening', sa.Integer(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('posted_seq', sa.BigInteger(), server_default='0', nullable=False),
    sa.Column('attached_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.Text(), nullable=True),
    sa.Column('asserted_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("end_reason IN ('signed_off', 'replaced', 'lost', 'asserted')", name=op.f('ck_till_opening_end_reason')),
    sa.CheckConstraint("state IN ('attached', 'closed', 'ended')", name=op.f('ck_till_opening_state')),
    sa.ForeignKeyConstraint(['asserted_by'], ['staff.id'], name=op.f('fk_till_opening_asserted_by_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_till_opening_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_till_opening_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('till_id', 'opening', name=op.f('pk_till_opening'))
    )
    op.create_index('ix_till_opening_location', 'till_opening', ['location_id'], unique=False, postgresql_where=sa.text("state = 'attached'"))
    op.create_index('uq_till_opening_attached', 'till_opening', ['till_id'], unique=True, postgresql_where=sa.text("state = 'attached'"))
    op.create_table('variant',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('style_id', sa.Uuid(), nullable=False),
    sa.Column('colour_id', sa.Uuid(), nullable=False),
    sa.Column('size_id', sa.Uuid(), nullable=False),
    sa.Column('sku', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), server_default='active', nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.CheckConstraint("status IN ('active', 'archived')", name=op.f('ck_variant_status')),
    sa.ForeignKeyConstraint(['colour_id'], ['colour.id'], name=op.f('fk_variant_colour_id_colour'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['size_id'], ['size.id'], name=op.f('fk_variant_size_id_size'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['style_id'], ['style.id'], name=op.f('fk_variant_style_id_style'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variant')),
    sa.UniqueConstraint('sku', name=op.f('uq_variant_sku'))
    )
    op.create_index('ix_variant_search', 'variant', [sa.literal_column('f_words(search_text)')], unique=False, postgresql_using='gin', postgresql_with={'fastupdate': 'off'})
    op.create_index('uq_variant_style_colour_size', 'variant', ['style_id', 'colour_id', 'size_id'], unique=True)
    op.create_table('barcode',
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.CheckConstraint("code ~ '^[0-9]{6,14}$'", name=op.f('ck_barcode_digits')),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_barcode_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_barcode'))
    )
    op.create_index('ix_barcode_variant_id', 'barcode', ['variant_id'], unique=False)
    op.create_table('exception_log',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('severity', sa.Text(), nullable=False),
    sa.Column('refs', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=True),
    sa.Column('variant_id', sa.Uuid(), nullable=True),
    sa.Column('qty', sa.Integer(), nullable=True),
    sa.Column('actor_id', sa.Uuid(), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('state', sa.Text(), server_default='open', nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("severity IN ('info', 'warning', 'urgent')", name=op.f('ck_exception_log_severity')),
    sa.CheckConstraint("state IN ('open', 'closed')", name=op.f('ck_exception_log_state')),
    sa.ForeignKeyConstraint(['actor_id'], ['staff.id'], name=op.f('fk_exception_log_actor_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['approved_by'], ['staff.id'], name=op.f('fk_exception_log_approved_by_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_exception_log_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_exception_log_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_exception_log'))
    )
    op.create_index('ix_exception_log_open', 'exception_log', ['location_id', 'variant_id'], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_table('payment',
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('no', sa.SmallInteger(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('amount_vnd', sa.BigInteger(), nullable=False),
    sa.Column('tendered_vnd', sa.BigInteger(), nullable=True),
    sa.Column('change_vnd', sa.BigInteger(), nullable=True),
    sa.Column('reference', sa.Text(), nullable=True),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("(tendered_vnd IS NULL AND change_vnd IS NULL) OR (kind = 'cash' AND change_vnd >= 0 AND tendered_vnd - change_vnd = amount_vnd)", name=op.f('ck_payment_change')),
    sa.CheckConstraint("kind IN ('cash', 'card', 'transfer', 'cod', 'store_credit')", name=op.f('ck_payment_kind')),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_payment_sale_id_sale'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('sale_id', 'no', name=op.f('pk_payment'))
    )
    op.create_index('ix_payment_received_at', 'payment', ['received_at'], unique=False)
    op.create_table('price',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('price_list_id', sa.Uuid(), nullable=False),
    sa.Column('style_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=True),
    sa.Column('price_vnd', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('price_vnd >= 0', name=op.f('ck_price_not_negative')),
    sa.ForeignKeyConstraint(['price_list_id'], ['price_list.id'], name=op.f('fk_price_price_list_id_price_list'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['style_id'], ['style.id'], name=op.f('fk_price_style_id_style'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_price_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price'))
    )
    op.create_index('uq_price_list_style_variant', 'price', ['price_list_id', 'style_id', 'variant_id'], unique=True, postgresql_nulls_not_distinct=True)
    op.create_table('sale_line',
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('line_no', sa.SmallInteger(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('source_id', sa.Uuid(), nullable=False),
    sa.Column('qty', sa.Integer(), nullable=False),
    sa.Column('unit_vnd', sa.BigInteger(), nullable=False),
    sa.Column('discount_vnd', sa.BigInteger(), nullable=False),
    sa.Column('total_vnd', sa.BigInteger(), nullable=False),
    sa.Column('vat_bp', sa.SmallInteger(), nullable=False),
    sa.Column('vat_vnd', sa.BigInteger(), nullable=False),
    sa.Column('adviser_id', sa.Uuid(), nullable=True),
    sa.Column('returns_sale_id', sa.Uuid(), nullable=True),
    sa.Column('returns_line_no', sa.SmallInteger(), nullable=True),
    sa.CheckConstraint('(qty < 0) = (returns_sale_id IS NOT NULL)', name=op.f('ck_sale_line_returns')),
    sa.CheckConstraint('qty <> 0', name=op.f('ck_sale_line_qty')),
    sa.CheckConstraint('total_vnd = qty * unit_vnd - discount_vnd', name=op.f('ck_sale_line_total')),
    sa.CheckConstraint('unit_vnd >= 0', name=op.f('ck_sale_line_unit')),
    sa.CheckConstraint('vat_bp BETWEEN 0 AND 10000', name=op.f('ck_sale_line_vat')),
    sa.ForeignKeyConstraint(['adviser_id'], ['staff.id'], name=op.f('fk_sale_line_adviser_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_sale_line_sale_id_sale'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['source_id'], ['location.id'], name=op.f('fk_sale_line_source_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_sale_line_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('sale_id', 'line_no', name=op.f('pk_sale_line'))
    )
    op.create_index('ix_sale_line_returns', 'sale_line', ['returns_sale_id'], unique=False, postgresql_where=sa.text('returns_sale_id IS NOT NULL'))
    op.create_table('sale_timeline',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('sale_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verb', sa.Text(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['sale_id'], ['sale.id'], name=op.f('fk_sale_timeline_sale_id_sale'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_sale_timeline_staff_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_sale_timeline_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sale_timeline'))
    )
    op.create_index('ix_sale_timeline_sale_id', 'sale_timeline', ['sale_id'], unique=False)
    op.create_table('socket_ticket',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['session_id'], ['staff_session.id'], name=op.f('fk_socket_ticket_session_id_staff_session'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_socket_ticket'))
    )
    op.create_table('stock',
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('on_hand', sa.Integer(), server_default='0', nullable=False),
    sa.Column('promised', sa.Integer(), server_default='0', nullable=False),
    sa.Column('asked', sa.Integer(), server_default='0', nullable=False),
    sa.Column('short', sa.Integer(), server_default='0', nullable=False),
    sa.Column('count_no', sa.Integer(), server_default='0', nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='0', nullable=False),
    sa.CheckConstraint('promised >= 0 AND asked >= 0 AND short >= 0 AND on_hand + short >= promised', name=op.f('ck_stock_promises_have_pieces')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_stock_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_stock_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('location_id', 'variant_id', name=op.f('pk_stock')),
    postgresql_with={'fillfactor': '70'}
    )
    op.create_index('ix_stock_variant_id', 'stock', ['variant_id'], unique=False)
    op.create_table('stock_doubt',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('ref', sa.Text(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.Text(), nullable=True),
    sa.CheckConstraint("closed_by IN ('count', 'journal', 'assertion')", name=op.f('ck_stock_doubt_closed_by')),
    sa.CheckConstraint("reason IN ('lost_till', 'quarantine', 'not_found', 'before_count')", name=op.f('ck_stock_doubt_reason')),
    sa.ForeignKeyConstraint(['location_id'], ['location.id'], name=op.f('fk_stock_doubt_location_id_location'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_stock_doubt_variant_id_variant'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_doubt'))
    )
    op.create_index('ix_stock_doubt_open', 'stock_doubt', ['location_id', 'variant_id'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('promise',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('ref', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('qty', sa.Integer(), nullable=False),
    sa.Column('phase', sa.Text(), nullable=False),
    sa.Column('asked_no', sa.BigInteger(), nullable=True),
    sa.Column('bag_code', sa.Text(), nullable=True),
    sa.Column('paid', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('pay_by', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('version', sa.BigInteger(), server_default='1', nullable=False),
    sa.CheckConstraint("kind IN ('ship', 'collect', 'transfer', 'hold')", name=op.f('ck_promise_kind')),
    sa.CheckConstraint("phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back', 'shipped', 'collected', 'declined', 'released', 'moved', 'refunded')", name=op.f('ck_promise_phase')),
    sa.CheckConstraint('qty > 0', name=op.f('ck_promise_qty')),
    sa.ForeignKeyConstraint(['location_id', 'variant_id'], ['stock.location_id', 'stock.variant_id'], name=op.f('fk_promise_location_id_variant_id_stock'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promise'))
    )
    op.create_index('ix_promise_open', 'promise', ['location_id', 'variant_id'], unique=False, postgresql_where=sa.text("phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back')"))
    op.create_index('ix_promise_pay_by', 'promise', ['pay_by'], unique=False, postgresql_where=sa.text("phase = 'confirmed' AND NOT paid"))
    op.create_index('ix_promise_ref', 'promise', ['ref'], unique=False)
    op.create_table('stock_ledger',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('location_id', sa.Uuid(), nullable=False),
    sa.Column('variant_id', sa.Uuid(), nullable=False),
    sa.Column('qty', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('ref', sa.Uuid(), nullable=False),
    sa.Column('staff_id', sa.Uuid(), nullable=True),
    sa.Column('till_id', sa.Uuid(), nullable=True),
    sa.Column('epoch', sa.Integer(), nullable=True),
    sa.Column('seq', sa.BigInteger(), nullable=True),
    sa.Column('occurred_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recorded_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False),
    sa.CheckConstraint("kind IN ('opening', 'sale', 'return', 'void', 'receipt', 'transfer_out', 'transfer_in', 'adjustment', 'count')", name=op.f('ck_stock_ledger_kind')),
    sa.CheckConstraint('qty <> 0', name=op.f('ck_stock_ledger_moves')),
    sa.ForeignKeyConstraint(['location_id', 'variant_id'], ['stock.location_id', 'stock.variant_id'], name=op.f('fk_stock_ledger_location_id_variant_id_stock'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_stock_ledger_staff_id_staff'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_stock_ledger_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_stock_ledger'))
    )
    op.create_index('ix_stock_ledger_location_variant', 'stock_ledger', ['location_id', 'variant_id', 'id'], unique=False)
    op.create_index('ix_stock_ledger_ref', 'stock_ledger', ['ref'], unique=False)
    op.create_table('promise_word',
    sa.Column('promise_id', sa.Uuid(), nullable=False),
    sa.Column('till_id', sa.Uuid(), nullable=False),
    sa.Column('opening', sa.Integer(), nullable=False),
    sa.Column('head_seq', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['promise_id'], ['promise.id'], name=op.f('fk_promise_word_promise_id_promise'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['till_id'], ['till.id'], name=op.f('fk_promise_word_till_id_till'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('promise_id', 'till_id', 'opening', name=op.f('pk_promise_word'))
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute("INSERT INTO catalogue_state (id, catalogue_version, price_version) VALUES (1, 1, 1)")


def downgrade() -> None:
    """Undo."""
    op.drop_table('promise_word')
    op.drop_index('ix_stock_ledger_ref', table_name='stock_ledger')
    op.drop_index('ix_stock_ledger_location_variant', table_name='stock_ledger')
    op.drop_table('stock_ledger')
    op.drop_index('ix_promise_ref', table_name='promise')
    op.drop_index('ix_promise_pay_by', table_name='promise', postgresql_where=sa.text("phase = 'confirmed' AND NOT paid"))
    op.drop_index('ix_promise_open', table_name='promise', postgresql_where=sa.text("phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back')"))
    op.drop_table('promise')
    op.drop_index('ix_stock_doubt_open', table_name='stock_doubt', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_table('stock_doubt')
    op.drop_index('ix_stock_variant_id', table_name='stock')
    op.drop_table('stock')
    op.drop_table('socket_ticket')
    op.drop_index('ix_sale_timeline_sale_id', table_name='sale_timeline')
    op.drop_table('sale_timeline')
    op.drop_index('ix_sale_line_returns', table_name='sale_line', postgresql_where=sa.text('returns_sale_id IS NOT NULL'))
    op.drop_table('sale_line')
    op.drop_index('uq_price_list_style_variant', table_name='price', postgresql_nulls_not_distinct=True)
    op.drop_table('price')
    op.drop_index('ix_payment_received_at', table_name='payment')
    op.drop_table('payment')
    op.drop_index('ix_exception_log_open', table_name='exception_log', postgresql_where=sa.text("state = 'open'"))
    op.drop_table('exception_log')
    op.drop_index('ix_barcode_variant_id', table_name='barcode')
    op.drop_table('barcode')
    op.drop_index('uq_variant_style_colour_size', table_name='variant')
    op.drop_index('ix_variant_search', table_name='variant', postgresql_using='gin')
    op.drop_table('variant')
    op.drop_index('uq_till_opening_attached', table_name='till_opening', postgresql_where=sa.text("state = 'attached'"))
    op.drop_index('ix_till_opening_location', table_name='till_opening', postgresql_where=sa.text("state = 'attached'"))
    op.drop_table('till_opening')
    op.drop_table('till_epoch')
    op.drop_index('ix_staff_session_staff_id', table_name='staff_session')
    op.drop_table('staff_session')
    op.drop_index('uq_sale_till_epoch_receipt', table_name='sale')
    op.drop_index('ix_sale_sold_at', table_name='sale')
    op.drop_index('ix_sale_location_sold_at', table_name='sale')
    op.drop_index('ix_sale_customer_id', table_name='sale', postgresql_where=sa.text('customer_id IS NOT NULL'))
    op.drop_table('sale')
    op.drop_index('ix_picture_style_id', table_name='picture')
    op.drop_table('picture')
    op.drop_table('pairing_code')
    op.drop_table('vat_rate')
    op.drop_index('uq_till_location_number', table_name='till')
    op.drop_table('till')
    op.drop_index('ix_style_name', table_name='style', postgresql_using='gin')
    op.drop_index('ix_style_name_trigram', table_name='style', postgresql_using='gin')
    op.drop_index('ix_style_category_id', table_name='style')
    op.drop_table('style')
    op.drop_table('stock_document')
    op.drop_index('uq_staff_role_whole', table_name='staff_role', postgresql_nulls_not_distinct=True)
    op.drop_table('staff_role')
    op.drop_index('uq_size_of_scale', table_name='size')
    op.drop_table('size')
    op.drop_table('setting')
    op.drop_table('price_list')
    op.drop_table('import_file')
    op.drop_index('uq_customer_phone', table_name='customer', postgresql_where=sa.text('merged_into IS NULL'))
    op.drop_table('customer')
    op.drop_table('vat_class')
    op.drop_table('staff')
    op.drop_table('size_scale')
    op.drop_table('season')
    op.drop_table('role_grant')
    op.drop_table('picture_blob')
    op.drop_table('location')
    op.drop_table('event_cursor')
    op.drop_index('ix_event_xid', table_name='event')
    op.drop_table('event')
    op.drop_table('company')
    op.drop_table('colour')
    op.drop_table('category')
    op.drop_table('catalogue_state')
    op.drop_index('ix_audit_log_subject', table_name='audit_log')
    op.drop_table('audit_log')
    op.drop_table('attempt_limit')
    op.execute("DROP FUNCTION refuse_change")
    op.execute("DROP FUNCTION f_words")
    op.execute("DROP FUNCTION f_fold")
