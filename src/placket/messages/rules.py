"""Pure rules of messages: when a message is tried again, how an address is shown, what an SMS may hold."""

import unicodedata
from datetime import timedelta
from typing import Final

TRIES: Final = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)
"""How long a message waits after each try that nobody answered; after the last it has failed."""
SMS_MAX: Final = 160


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries; none when it was the last."""
    return TRIES[tries - 1] if tries <= len(TRIES) else None


def masked(address: str) -> str:
    """An address as staff may see it: enough to recognise, too little to write to."""
    if "@" in address:
        name, _, domain = address.partition("@")
        return f"{name[:2]}…@{domain}"
    return f"…{address[-3:]}"


def plain(words: str) -> str:
    """Words without marks, as SMS carry them: 160 signs of GSM-7 instead of 70."""
    bare = unicodedata.normalize("NFD", words.replace("đ", "d").replace("Đ", "D").replace("₫", "d"))
    kept = "".join(sign for sign in bare if not unicodedata.combining(sign))
    ascii_only = "".join(GSM.get(sign, sign) for sign in kept)
    return ascii_only.encode("ascii", "ignore").decode()


GSM: Final = {"\N{NO-BREAK SPACE}": " ", "·": "-", "×": "x", "–": "-", "—": "-", "−": "-", "…": "...", "’": "'", "→": "->"}


def cut(words: str, most: int = SMS_MAX) -> str:
    """Words that fit, the last one whole."""
    if len(words) <= most:
        return words
    return words[: most - 2].rsplit(" ", 1)[0] + "..."
