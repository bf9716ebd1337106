"""``placket verify``: the proof as a table for a person, or as lines of JSON for a program."""

import json

from placket.verify.checks import CHECKS
from placket.verify.proof import Proof, prove_database

_WIDTH = max(len(check.says) for check in CHECKS)


def report(database_url: str, *, as_json: bool = False) -> int:
    """Prove the books of a database, a row as each check ends; answers the exit status, 1 at the first discrepancy."""
    took_s = 0.0
    answers = prove_database(database_url)
    for check in CHECKS:
        if not as_json:
            print(f"{check.says:<{_WIDTH}}  ", end="", flush=True)
        proof = next(answers)
        took_s += proof.took_s
        print(_json_line(proof) if as_json else _verdict(proof), flush=True)
        if proof.findings:
            return 1
    if not as_json:
        print(f"The books are right: {len(CHECKS)} checks in {took_s:.1f} s.")
    return 0


def _verdict(proof: Proof) -> str:
    verdict = f"{'WRONG' if proof.findings else 'ok':<5}  {proof.took_s:6.1f} s"
    found = [f"    {it.subject}: expected {it.expected}, found {it.found}" for it in proof.findings]
    return "\n".join([verdict, *found])


def _json_line(proof: Proof) -> str:
    line = {
        "check": proof.check.name,
        "says": proof.check.says,
        "ok": not proof.findings,
        "took_s": round(proof.took_s, 3),
        "findings": [{"subject": it.subject, "expected": it.expected, "found": it.found} for it in proof.findings],
    }
    return json.dumps(line, ensure_ascii=False)
