"""Amounts in Vietnamese words, as an invoice must write them: 1.005.000 is "một triệu không trăm lẻ năm nghìn đồng"."""

from typing import Final

DIGITS: Final = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
THOUSANDS: Final = ("", " nghìn", " triệu")
# How a last digit is said after ten, and after twenty and more, where that differs: mười lăm, hai mươi mốt.
_AFTER_TEN: Final = {5: "lăm"}
_AFTER_TENS: Final = {1: "mốt", 5: "lăm"}
BILLION: Final = 1_000_000_000


def in_words(amount_vnd: int) -> str:
    """An amount in words, with a capital letter; less than nothing begins with "Âm"."""
    words = f"{'âm ' if amount_vnd < 0 else ''}{_read(abs(amount_vnd)) or DIGITS[0]} đồng"
    return words[0].upper() + words[1:]


def _read(number: int, *, whole: bool = False) -> str:
    """A number; ``whole`` when something stands before it, so that empty hundreds are read out."""
    if number >= BILLION:
        rest = _read(number % BILLION, whole=True)
        return f"{_read(number // BILLION, whole=whole)} tỷ{' ' + rest if rest else ''}"
    groups = (number // 1_000_000, number // 1_000 % 1_000, number % 1_000)
    said: list[str] = []
    for group, unit in zip(groups, reversed(THOUSANDS), strict=True):
        if group:
            said.append(_group(group, whole=whole or bool(said)) + unit)
    return " ".join(said)


def _group(group: int, *, whole: bool) -> str:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    said = [f"{DIGITS[hundreds]} trăm"] if hundreds or whole else []
    if tens == 0 and ones and said:
        said.append("lẻ")
    elif tens == 1:
        said.append("mười")
    elif tens:
        said.append(f"{DIGITS[tens]} mươi")
    if ones:
        said.append(_ones(tens, ones))
    return " ".join(said)


def _ones(tens: int, ones: int) -> str:
    own = _AFTER_TENS if tens > 1 else _AFTER_TEN if tens else {}
    return own.get(ones, DIGITS[ones])
