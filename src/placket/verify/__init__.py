"""Proof of the books: every rule that stock and money must keep, checked set by set on any database.

It reads and never repairs; what it finds is for a person. The watch goes on all day; all of it is proved nightly, by
``placket verify``, and after every race.
"""

from placket.verify.budgets import Budget, budgets
from placket.verify.checks import CHECKS, Check
from placket.verify.proof import Finding, Proof, proofs, prove, prove_database
from placket.verify.report import report
from placket.verify.watch import Look, look, note

__all__ = [
    "CHECKS",
    "Budget",
    "Check",
    "Finding",
    "Look",
    "Proof",
    "budgets",
    "look",
    "note",
    "proofs",
    "prove",
    "prove_database",
    "report",
]
