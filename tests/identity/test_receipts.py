"""The signature under a receipt's code: the server's and the till's are the same."""

import json
from pathlib import Path

from placket import identity

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "receipt_signatures.json").read_text(encoding="utf-8"))


def test_the_server_signs_as_the_till_does() -> None:
    signed = [identity.receipt_signature(bytes.fromhex(one["key"]), one["barcode"]) for one in VECTORS]
    assert signed == [one["signature"] for one in VECTORS]
