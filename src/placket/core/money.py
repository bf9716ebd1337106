"""Money: whole đồng in an ``int``. The only file of the product that divides an amount.

Rates are basis points (1 % = 100 bp). Every rounding is half away from zero, the rule Vietnamese invoices use,
and every share of a total is handed out by largest remainder, so that parts always sum to the whole.
"""

from collections.abc import Sequence

WHOLE_BP = 10_000


def rounded_quotient(numerator: int, denominator: int) -> int:
    """``numerator`` over ``denominator``, rounded half away from zero; the denominator is positive."""
    assert denominator > 0, "the denominator is positive"
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return magnitude if numerator >= 0 else -magnitude


def part_of(amount_vnd: int, rate_bp: int) -> int:
    """``rate_bp`` of an amount, in đồng: ``part_of(199_000, 1_000) == 19_900``."""
    return rounded_quotient(amount_vnd * rate_bp, WHOLE_BP)


def vat_within(gross_vnd: int, rate_bp: int) -> int:
    """The VAT inside a VAT-inclusive amount: gross minus the rounded net (199.000 at 8 % holds 14.741)."""
    return gross_vnd - rounded_quotient(gross_vnd * WHOLE_BP, WHOLE_BP + rate_bp)


def split(total_vnd: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weight; the parts sum to the total exactly.

    Largest remainder: everybody gets the rounded-down share, the đồng left over go one each to the largest
    remainders, earlier positions first. A negative total is the mirror image of the positive one, so what a
    sale handed out a return takes back. All weights zero share equally; no weights share nothing.
    """
    assert all(weight >= 0 for weight in weights), "weights are not negative"
    if total_vnd < 0:
        return [-part for part in split(-total_vnd, weights)]
    if not weights:
        assert total_vnd == 0, "somebody must take the money"
        return []
    whole = sum(weights)
    shares = list(weights) if whole else [1] * len(weights)
    whole = whole or len(weights)
    parts = [total_vnd * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(total_vnd * shares[i] % whole), i))
    for i in by_remainder[: total_vnd - sum(parts)]:
        parts[i] += 1
    return parts


def dotted(amount_vnd: int) -> str:
    """An amount as it is written in Vietnam: ``1.752.000``."""
    return f"{amount_vnd:,}".replace(",", ".")


def rounded_to(amount_vnd: int, step_vnd: int) -> int:
    """A cash total rounded half up to a payable step (0 or 1 leaves it as it is): coins are not in use."""
    return amount_vnd if step_vnd <= 1 else rounded_quotient(amount_vnd, step_vnd) * step_vnd


def steps_in(amount_vnd: int, step_vnd: int) -> int:
    """How many whole steps an amount holds: 199.000 holds 19 of 10.000."""
    assert amount_vnd >= 0, "what is given back earns nothing"
    assert step_vnd > 0, "a step is positive"
    return amount_vnd // step_vnd
