"""The command that proves the books."""

from placket import verify as proof
from placket.core import postgres


def verify(*, as_json: bool) -> int:
    """Prove the books of the database; 1 at the first discrepancy."""
    with postgres.reached() as url:
        return proof.report(url, as_json=as_json)
