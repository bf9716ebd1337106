"""A refusal is an answer: we understood, and the shop says no.

Each refusal is a class beside the verb that raises it, with a stable code, an HTTP status and one sentence in
Vietnamese and English that says what to do. Everything else that goes wrong is a failure and rises.
"""

from typing import ClassVar


class Refusal(Exception):
    """The base of every refusal. Facts fill the sentences and travel to the client as data."""

    code: ClassVar[str]
    status: ClassVar[int] = 409
    vi: ClassVar[str]
    en: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        super().__init__(self.code)
        self.facts = facts

    def sentence(self, language: str) -> str:
        """The sentence for a person, in ``vi`` or ``en``, filled with the facts."""
        return (self.en if language == "en" else self.vi).format_map(_Facts(self.facts))


class _Facts(dict[str, object]):
    """A missing fact shows as an ellipsis: a sentence must never turn a refusal into a failure."""

    def __missing__(self, key: str) -> str:
        return "…"


class NotFound(Refusal):
    """There is no such thing, or none that the asker may see."""

    code = "not_found"
    status = 404
    vi = "Không tìm thấy."
    en = "Not found."


class BadCursor(Refusal):
    """A page cursor that this list did not give out."""

    code = "bad_cursor"
    status = 422
    vi = "Con trỏ trang không hợp lệ. Hãy tải lại danh sách."
    en = "The page cursor is not valid. Load the list again."
