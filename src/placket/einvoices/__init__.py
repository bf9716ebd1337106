"""E-invoices: an immutable document for every sale by the law of its day, sent to a provider until it answers.

What was issued is never changed and never cancelled: returns adjust it, mistakes in the buyer replace it. See
docs/rules/einvoices.md.
"""

from placket.einvoices import models
from placket.einvoices.amounts import in_words
from placket.einvoices.issuing import issue_due
from placket.einvoices.sending import send_waiting

__all__ = ["in_words", "issue_due", "models", "send_waiting"]
