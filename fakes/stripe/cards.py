"""The numbers that Stripe publishes for tests, and what each of them does."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Card:
    """What a card does: whether its bank asks for 3-D Secure, why it is declined, what happens to its money later."""

    says: str
    asks: bool = False
    declines: str | None = None
    disputed: str | None = None
    refund: str = "succeeds"


CARDS: Final = {
    "4242424242424242": Card("Được chấp nhận"),
    "5555555555554444": Card("Mastercard được chấp nhận"),
    "4000002760003184": Card("Luôn hỏi 3-D Secure", asks=True),
    "4000000000003220": Card("3-D Secure 2, rồi được chấp nhận", asks=True),
    "4000008400001629": Card("3-D Secure, rồi bị từ chối", asks=True, declines="generic_decline"),
    "4000008260003178": Card("3-D Secure, rồi không đủ tiền", asks=True, declines="insufficient_funds"),
    "4000000000000002": Card("Bị từ chối", declines="generic_decline"),
    "4000000000009995": Card("Không đủ tiền", declines="insufficient_funds"),
    "4000000000000127": Card("Sai mã CVC", declines="incorrect_cvc"),
    "4000000000000119": Card("Lỗi xử lý", declines="processing_error"),
    "4000000000000259": Card("Được chấp nhận, sau đó bị khiếu nại gian lận", disputed="fraudulent"),
    "4000000000002685": Card("Được chấp nhận, sau đó khiếu nại chưa nhận hàng", disputed="product_not_received"),
    "4000000000007726": Card("Hoàn tiền chờ, rồi thành công", refund="later"),
    "4000000000005126": Card("Hoàn tiền thành công, rồi thất bại", refund="fails"),
}


def card_of(number: str) -> Card | None:
    """The card of a number as people type it; any other number that bears its check digit is accepted."""
    digits = "".join(filter(str.isdigit, number))
    if digits in CARDS:
        return CARDS[digits]
    return Card("Được chấp nhận") if len(digits) in {15, 16} and bears_check_digit(digits) else None


def bears_check_digit(digits: str) -> bool:
    """Luhn's rule."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits))]
    return sum(part - 9 if part > 9 else part for part in doubled) % 10 == 0  # noqa: PLR2004 - the rule's own numbers
