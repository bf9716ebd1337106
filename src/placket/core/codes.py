"""Codes that we print: digits only, so that no typing tool can change what a scanner types; docs/rules/sales.md."""


def check_digit(digits: str) -> str:
    """The check digit of EAN-13's rule: weights 3, 1, 3, … from the right."""
    weighed = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


def own_code(kind: str, number: int, *, digits: int) -> str:
    """A code of ours: two digits for what it is, its number in so many digits, a check digit."""
    body = f"{kind}{number:0{digits}d}"
    return body + check_digit(body)
