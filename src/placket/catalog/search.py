"""Search, by the rule of docs/rules/search.md: codes, then words by rank, then what is only alike."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Integer, Select, Text, Uuid, any_, bindparam, func, not_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.orm import Session

from placket.catalog.models import Barcode, Style, Variant
from placket.catalog.rules import SEARCH_WORDS_MAX, barcode_of, words_of

CANDIDATES_MAX: Final = 400
ALIKE_ENOUGH: Final = "0.4"
LOCALLY: Final = True  # the setting ends with the transaction
SHORTEST_PHRASE_TO_COMPARE: Final = 3
WORDS_THAT_SAY_IT_ALL: Final = 4

Statement = Select[UUID]

# Built once: putting a statement together costs more than running it.
_query = func.to_tsquery("simple", bindparam("query", type_=Text), type_=TSQUERY)
_fresh = not_(Variant.id == any_(bindparam("found", type_=ARRAY(Uuid))))
_limit = bindparam("limit", type_=Integer)


def _in_name() -> Statement:
    candidates = select(Style.id).where(func.f_words(Style.name_vi).op("@@")(_query), Style.status == "active")
    capped = candidates.limit(CANDIDATES_MAX).subquery()
    newest = select(capped.c.id).order_by(capped.c.id.desc()).limit(_limit).subquery()
    hits = select(Variant.id).join(newest, newest.c.id == Variant.style_id).where(Variant.status == "active", _fresh)
    return hits.order_by(Variant.style_id.desc(), Variant.id).limit(_limit)


def _anywhere() -> Statement:
    candidates = (
        select(Variant.id, Variant.style_id)
        .join(Style)
        .where(func.f_words(Variant.search_text).op("@@")(_query), _fresh)
        .where(Variant.status == "active", Style.status == "active")
    )
    capped = candidates.limit(CANDIDATES_MAX).subquery()
    return select(capped.c.id).order_by(capped.c.style_id.desc(), capped.c.id).limit(_limit)


def _alike() -> Statement:
    phrase = bindparam("phrase", type_=Text)
    name = func.f_fold(Style.name_vi)
    candidates = select(Style.id, name.label("name")).where(name.op("%>")(phrase), Style.status == "active")
    capped = candidates.limit(CANDIDATES_MAX).subquery()
    likeness = func.word_similarity(phrase, capped.c.name).label("likeness")
    best = select(capped.c.id, likeness).order_by(likeness.desc(), capped.c.id.desc()).limit(_limit).subquery()
    hits = select(Variant.id).join(best, best.c.id == Variant.style_id).where(Variant.status == "active", _fresh)
    return hits.order_by(best.c.likeness.desc(), best.c.id.desc(), Variant.id).limit(_limit)


IN_NAME: Final = _in_name()
ANYWHERE: Final = _anywhere()
ALIKE: Final = _alike()
CARRYING: Final = select(Barcode.variant_id).where(Barcode.code == bindparam("code", type_=Text))
CALLED: Final = select(Variant.id).where(Variant.sku == bindparam("sku", type_=Text))
FOLDED: Final = select(
    func.f_fold(bindparam("words", type_=Text)),
    func.set_config("enable_seqscan", "off", LOCALLY),
    func.set_config("pg_trgm.word_similarity_threshold", ALIKE_ENOUGH, LOCALLY),
)


def find_variants(tx: Session, *, q: str, limit: int) -> list[UUID]:
    """The variants that answer a query, best first, at most ``limit``; nothing typed finds nothing."""
    found: list[UUID] = []
    if (exact := variant_of_code(tx, q)) is not None:
        found.append(exact)
    typed = words_of(q)[:SEARCH_WORDS_MAX]
    if not typed:
        return found
    folded = _fold(tx, typed)
    for statement, query in _whole_words(typed, folded):
        if len(found) < limit:
            found += tx.scalars(statement, {"query": query, "found": found, "limit": limit})
    if not found or len(typed) < WORDS_THAT_SAY_IT_ALL:
        for statement, query in _begun_words(typed, folded):
            if len(found) < limit:
                found += tx.scalars(statement, {"query": query, "found": found, "limit": limit})
    phrase = " ".join(folded)
    if not found and len(phrase) >= SHORTEST_PHRASE_TO_COMPARE:
        found += tx.scalars(ALIKE, {"phrase": phrase, "found": found, "limit": limit})
    return found[:limit]


def variant_of_code(tx: Session, code: str) -> UUID | None:
    """The variant that carries this barcode or is called by this SKU, if there is one."""
    barcode = barcode_of(code)
    if barcode is not None:
        return tx.scalar(CARRYING, {"code": barcode})
    # No SKU holds a NUL, and PostgreSQL would not even compare it.
    return tx.scalar(CALLED, {"sku": code.replace("\0", "").strip().upper()})


def styles_matching(tx: Session, q: str) -> Select[UUID]:
    """The styles with a variant that has every word of ``q`` as a beginning, marks ignored; no words, no styles."""
    query = _beginnings(_fold(tx, words_of(q)[:SEARCH_WORDS_MAX]))
    words = func.to_tsquery("simple", query, type_=TSQUERY)
    return select(Variant.style_id).where(func.f_words(Variant.search_text).op("@@")(words))


def _fold(tx: Session, words: Sequence[str]) -> list[str]:
    """The words without marks; also prepares the transaction for what follows, in the same round trip."""
    return words_of(tx.execute(FOLDED, {"words": " ".join(words)}).one()[0])


def _whole_words(typed: Sequence[str], folded: Sequence[str]) -> list[tuple[Statement, str]]:
    ranks = [(ANYWHERE, " & ".join(typed)), (IN_NAME, " & ".join(folded)), (ANYWHERE, " & ".join(folded))]
    # Typed without marks, the words as typed are the folded ones, and those go first that stand in the name.
    return ranks if typed != folded else ranks[1:]


def _begun_words(typed: Sequence[str], folded: Sequence[str]) -> list[tuple[Statement, str]]:
    ranks = [(ANYWHERE, _beginnings(typed)), (IN_NAME, _beginnings(folded)), (ANYWHERE, _beginnings(folded))]
    return ranks if typed != folded else ranks[1:]


def _beginnings(words: Sequence[str]) -> str:
    # Words hold letters and digits only, so none of them can be taken for a sign of the query's own language.
    return " & ".join(f"{word}:*" for word in words)
