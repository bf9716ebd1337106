"""People and devices: staff, roles, tills, sessions, audit. A stranger to stock and money."""

from placket.identity.access import (
    COOKIE,
    Doorkeeper,
    ForeignRequest,
    Grant,
    NotPermitted,
    NotSignedIn,
    Permit,
    Principal,
    TillFacts,
    database_of,
    doorkeeper_of,
    grants_of,
    new_token,
    paired_till,
    principal_of_session,
    token_hash,
    token_of,
)
from placket.identity.models import Company
from placket.identity.queries import company, find_till, is_demo, setting, till_facts_of
from placket.identity.receipts import order_key, page_key, receipt_key, receipt_signature
from placket.identity.roles import VERBS
from placket.identity.secrets import hash_password, hash_pin
from placket.identity.service.approvals import ApprovalNotLive, approval_of, approve_by_pin
from placket.identity.service.grants import seed_grants
from placket.identity.service.people import RoleHeld, begin_incarnation, create_company, create_staff, issue_badge
from placket.identity.service.retention import prune
from placket.identity.service.sessions import TooManyAttempts, WrongPin, audit, count_attempt
from placket.identity.service.tills import create_till, make_pairing_code, revoke_till

__all__ = [
    "COOKIE",
    "VERBS",
    "ApprovalNotLive",
    "Company",
    "Doorkeeper",
    "ForeignRequest",
    "Grant",
    "NotPermitted",
    "NotSignedIn",
    "Permit",
    "Principal",
    "RoleHeld",
    "TillFacts",
    "TooManyAttempts",
    "WrongPin",
    "approval_of",
    "approve_by_pin",
    "audit",
    "begin_incarnation",
    "company",
    "count_attempt",
    "create_company",
    "create_staff",
    "create_till",
    "database_of",
    "doorkeeper_of",
    "find_till",
    "grants_of",
    "hash_password",
    "hash_pin",
    "is_demo",
    "issue_badge",
    "make_pairing_code",
    "new_token",
    "order_key",
    "page_key",
    "paired_till",
    "principal_of_session",
    "prune",
    "receipt_key",
    "receipt_signature",
    "revoke_till",
    "seed_grants",
    "setting",
    "till_facts_of",
    "token_hash",
    "token_of",
]
