"""Pure rules of the catalogue: barcodes and their check digits, SKUs, and the words a search runs on."""

import re
import unicodedata
from collections.abc import Iterable

OWN_PREFIX = "20"
OWN_NUMBER_MAX = 9_999_999_999
SEARCH_WORDS_MAX = 12

STYLE_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}")
CODE = re.compile(r"[A-Z0-9]{1,12}")
HEX_COLOUR = re.compile(r"#[0-9A-F]{6}")

SHORTEST_CODE = 6
LONGEST_CODE = 14
UPC_LENGTH = 12
_CHECKED_LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The GS1 check digit of a code without it: weights 3, 1, 3, … from the right."""
    return -sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits))) % 10


def own_barcode(number: int) -> str:
    """Our own EAN-13 for a running number: 20, ten digits, check digit. GS1 keeps 200-299 for use inside a shop."""
    assert 1 <= number <= OWN_NUMBER_MAX, "ten digits hold the number"
    body = f"{OWN_PREFIX}{number:010d}"
    return f"{body}{check_digit(body)}"


def barcode_of(text: str) -> str | None:
    """The code as it is stored, or None when it cannot be one.

    Six to fourteen digits. Where the length is one of GS1's (8, 12, 13, 14) the check digit must be right; a UPC-A of
    twelve digits is stored as the EAN-13 that it also is, with a leading zero. Other lengths are in-house codes.
    """
    code = text.strip()
    if not (code.isascii() and code.isdigit() and SHORTEST_CODE <= len(code) <= LONGEST_CODE):
        return None
    if len(code) in _CHECKED_LENGTHS and check_digit(code[:-1]) != int(code[-1]):
        return None
    return f"0{code}" if len(code) == UPC_LENGTH else code


def sku_of(style_code: str, colour_code: str, size_code: str) -> str:
    """The SKU of a variant: ``DM0123-DEN-XL``."""
    return "-".join((style_code, colour_code, _alphanumeric(size_code)))


def search_text(*parts: str) -> str:
    """What ``variant.search_text`` holds: the words of the parts, once each, in lower case and with their marks.

    Composed (NFC) and free of punctuation, so that the index splits it nowhere but at the spaces.
    """
    return " ".join(dict.fromkeys(words_of(" ".join(parts))))


def tags_of(words: Iterable[str]) -> list[str]:
    """Tags as they are kept: in lower case, single spaces, each once, in the order of the alphabet."""
    return sorted({" ".join(word.lower().split()) for word in words} - {""})


def words_of(text: str) -> list[str]:
    """The words of a text as they stand in ``search_text``."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).lower())


def _alphanumeric(text: str) -> str:
    return "".join(re.findall(r"[A-Z0-9]", text.upper())) or "X"
