"""What the stand-in knows: sessions, intents, charges, refunds, disputes, events, answers kept under idempotency keys.

All of it is JSON as Stripe answers it, in one dictionary that is written to a file: killed, it goes on where it was.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from .cards import Card, card_of

Object = dict[str, Any]
API_VERSION: Final = "2026-10-28.endive"
LEAST: Final = {"vnd": 10_000, "usd": 50}
OPEN_LEAST_S: Final = 30 * 60


class Refused(Exception):
    """An error as Stripe answers it."""

    def __init__(self, message: str, *, code: str, status: int = 400, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


@dataclass
class Book:
    """Everything, and the lock around it. ``tell`` is called with each event that is made."""

    path: Path | None = None
    tell: Callable[[Object], None] = lambda _event: None
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        if self.path is not None and self.path.exists():
            self.kept = json.loads(self.path.read_text(encoding="utf-8"))
        for kind in ("session", "intent", "charge", "refund", "dispute", "event", "answer", "later"):
            self.kept.setdefault(kind, {})

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One at a time, and written down at the end."""
        with self.lock:
            yield
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                draft = self.path.with_suffix(".draft")
                draft.write_text(json.dumps(self.kept), encoding="utf-8")
                draft.replace(self.path)

    def find(self, kind: str, object_id: str) -> Object:
        """An object by its id."""
        found = self.kept[kind].get(object_id)
        if found is None:
            raise Refused(f"No such {kind}: {object_id!r}", code="resource_missing", status=404)
        return dict(found)

    def create_session(self, params: Object, home: str) -> Object:
        """A page to pay on."""
        item = params["line_items"]["0"]
        price = item["price_data"]
        amount, currency = int(price["unit_amount"]) * int(item["quantity"]), str(price["currency"])
        if currency not in LEAST:
            raise Refused(f"Invalid currency: {currency}", code="invalid_currency")
        if amount < LEAST[currency]:
            raise Refused("The amount is too small", code="amount_too_small")
        now = int(time.time())
        expires_at = int(params.get("expires_at", now + 24 * 3600))
        if expires_at < now + OPEN_LEAST_S - 60:
            raise Refused("expires_at must be at least 30 minutes from now", code="parameter_invalid_integer")
        session_id = _id("cs_test")
        session = {
            "id": session_id,
            "object": "checkout.session",
            "amount_total": amount,
            "currency": currency,
            "created": now,
            "expires_at": expires_at,
            "client_reference_id": params.get("client_reference_id"),
            "metadata": params.get("metadata", {}),
            "intent_data": params.get("payment_intent_data", {}),
            "locale": params.get("locale", "auto"),
            "mode": "payment",
            "name": price["product_data"]["name"],
            "payment_intent": None,
            "payment_status": "unpaid",
            "status": "open",
            "success_url": params["success_url"],
            "cancel_url": params["cancel_url"],
            "url": f"{home}/pay/{session_id}",
        }
        self.kept["session"][session_id] = session
        return session

    def expire(self, session_id: str) -> Object:
        """Shut a page that is open."""
        session = self._session(session_id)
        if session["status"] != "open":
            raise Refused(
                f"Only sessions with status open can be expired; this one is {session['status']}.", code="resource_invalid"
            )
        session["status"], session["url"] = "expired", None
        self.event("checkout.session.expired", session)
        return session

    def shut_what_is_over(self) -> None:
        """Pages whose time is over are shut, and refunds that end later do."""
        now = time.time()
        for session in list(self.kept["session"].values()):
            if session["status"] == "open" and session["expires_at"] <= now:
                self.expire(session["id"])
        for refund_id, due in list(self.kept["later"].items()):
            if due["at"] <= now:
                del self.kept["later"][refund_id]
                self.end_refund(refund_id, due["state"])

    def try_card(self, session_id: str, number: str) -> str:
        """Somebody types a card: ``paid``, ``asks`` for 3-D Secure, ``closed``, or why it was declined."""
        session = self._session(session_id)
        if session["status"] != "open":
            return "closed"
        card = card_of(number)
        if card is None:
            return "incorrect_number"
        intent = self._intent(session)
        intent["card"] = "".join(filter(str.isdigit, number))
        if card.asks:
            intent["status"] = "requires_action"
            return "asks"
        return self._charge(session, intent, card)

    def answer_bank(self, session_id: str, *, accepts: bool) -> str:
        """Somebody answers the bank's question."""
        session = self._session(session_id)
        if session["status"] != "open" or session["payment_intent"] is None:
            return "closed"
        intent = self.kept["intent"][session["payment_intent"]]
        card = card_of(intent.get("card", ""))
        if intent["status"] != "requires_action" or card is None:
            return "closed"
        if not accepts:
            return self._decline(intent, "authentication_failed")
        return self._charge(session, intent, card)

    def _charge(self, session: Object, intent: Object, card: Card) -> str:
        if card.declines is not None:
            return self._decline(intent, card.declines)
        charge = {
            "id": _id("ch"),
            "object": "charge",
            "amount": intent["amount"],
            "amount_refunded": 0,
            "currency": intent["currency"],
            "created": int(time.time()),
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
            "refunded": False,
            "disputed": False,
            "status": "succeeded",
            "card": intent["card"],
        }
        self.kept["charge"][charge["id"]] = charge
        intent |= {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
        intent["last_payment_error"] = None
        session |= {"status": "complete", "payment_status": "paid", "url": None}
        self.event("payment_intent.succeeded", intent)
        self.event("charge.succeeded", charge)
        self.event("checkout.session.completed", session)
        if card.disputed is not None:
            self.dispute(charge["id"], card.disputed)
        return "paid"

    def _decline(self, intent: Object, why: str) -> str:
        code = why if why in {"incorrect_cvc", "processing_error"} else "card_declined"
        error = {"type": "card_error", "code": code, "decline_code": why, "message": "Your card was declined."}
        intent |= {"status": "requires_payment_method", "last_payment_error": error}
        self.event("payment_intent.payment_failed", intent)
        return why

    def refund(self, params: Object) -> Object:
        """Give money of a payment back; what it comes to is told by events."""
        intent = self.kept["intent"].get(str(params.get("payment_intent")))
        charge = None if intent is None else self.kept["charge"].get(str(intent.get("latest_charge")))
        if intent is None or charge is None:
            raise Refused("No such payment_intent with a charge", code="resource_missing", status=404)
        left = charge["amount"] - charge["amount_refunded"]
        amount = int(params.get("amount", left))
        if charge["disputed"]:
            raise Refused("The charge is disputed", code="charge_disputed")
        if left == 0:
            raise Refused("The charge has already been refunded", code="charge_already_refunded")
        if amount > left or amount <= 0:
            raise Refused(f"Refund amount ({amount}) is greater than unrefunded amount ({left})", code="amount_too_large")
        card = card_of(charge["card"])
        assert card is not None, "it was charged"
        refund = {
            "id": _id("re"),
            "object": "refund",
            "amount": amount,
            "charge": charge["id"],
            "created": int(time.time()),
            "currency": charge["currency"],
            "failure_reason": None,
            "metadata": params.get("metadata", {}),
            "payment_intent": intent["id"],
            "status": "pending" if card.refund == "later" else "succeeded",
        }
        self.kept["refund"][refund["id"]] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.event("refund.created", refund)
        self.event("charge.refunded", charge)
        if card.refund != "succeeds":
            state = "succeeded" if card.refund == "later" else "failed"
            self.kept["later"][refund["id"]] = {"at": time.time() + 1.0, "state": state}
        return refund

    def end_refund(self, refund_id: str, state: str) -> None:
        """A refund that was on its way ends; one that fails leaves its money with the charge."""
        refund = self.kept["refund"][refund_id]
        if refund["status"] == state:
            return
        refund["status"] = state
        if state == "failed":
            refund["failure_reason"] = "expired_or_canceled_card"
            charge = self.kept["charge"][refund["charge"]]
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
            self.event("refund.failed", refund)
        self.event("refund.updated", refund)

    def dispute(self, charge_id: str, reason: str) -> Object:
        """The cardholder's bank asks for the money back."""
        charge = self.kept["charge"][charge_id]
        charge["disputed"] = True
        dispute = {
            "id": _id("dp"),
            "object": "dispute",
            "amount": charge["amount"],
            "charge": charge_id,
            "created": int(time.time()),
            "currency": charge["currency"],
            "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        }
        self.kept["dispute"][dispute["id"]] = dispute
        self.event("charge.dispute.created", dispute)
        return dispute

    def end_dispute(self, dispute_id: str, *, won: bool) -> Object:
        """The bank has decided."""
        dispute = self.kept["dispute"].get(dispute_id)
        if dispute is None:
            raise Refused(f"No such dispute: {dispute_id}", code="resource_missing", status=404)
        dispute["status"] = "won" if won else "lost"
        self.event("charge.dispute.closed", dispute)
        return dict(dispute)

    def event(self, kind: str, about: Object) -> None:
        """Something has happened: it is kept, and told to whoever listens."""
        made = {
            "id": _id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": int(time.time()),
            "type": kind,
            "livemode": False,
            "data": {"object": json.loads(json.dumps(about))},
        }
        self.kept["event"][made["id"]] = made
        self.tell(made)

    def last(self, kind: str, many: int = 40) -> list[Object]:
        """The last objects of a kind, the newest first."""
        return list(reversed(list(self.kept[kind].values())[-many:]))

    def _session(self, session_id: str) -> Object:
        found: Object | None = self.kept["session"].get(session_id)
        if found is None:
            raise Refused(f"No such checkout.session: {session_id}", code="resource_missing", status=404)
        return found

    def _intent(self, session: Object) -> Object:
        if session["payment_intent"] is None:
            data = session["intent_data"]
            intent = {
                "id": _id("pi"),
                "object": "payment_intent",
                "amount": session["amount_total"],
                "amount_received": 0,
                "currency": session["currency"],
                "created": int(time.time()),
                "description": data.get("description"),
                "last_payment_error": None,
                "latest_charge": None,
                "metadata": data.get("metadata", {}),
                "status": "requires_payment_method",
            }
            self.kept["intent"][intent["id"]] = intent
            session["payment_intent"] = intent["id"]
        found: Object = self.kept["intent"][session["payment_intent"]]
        return found


def _id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(12)}"
