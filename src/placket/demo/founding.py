"""The company, its places, people and tills, and its catalogue, into an empty database."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any, Final

import psycopg
from sqlalchemy.orm import Session

from placket import identity
from placket.core.clock import day_bounds
from placket.demo import chain, vocabulary
from placket.demo.catalogue import Plan, start_ms
from placket.demo.chain import LOGINS, PLACES, TILLS_OF_BRANCH
from placket.demo.customers import hours_of
from placket.demo.dice import make_id
from placket.demo.loading import copy_rows, row_of
from placket.demo.parts import Shop, Till
from placket.demo.pictures import picture

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIRST_STAFF_CODE: Final = 1001
# What clothing bears: reduced by half-yearly decrees, and ten per cent again when the last of them ends.
VAT_RATES: Final = (
    (date(2022, 2, 1), 800, "Nghị quyết 43/2022/QH15, Nghị định 15/2022/NĐ-CP"),
    (date(2023, 1, 1), 1000, "Luật Thuế GTGT 13/2008/QH12"),
    (date(2023, 7, 1), 800, "Nghị quyết 101/2023/QH15, Nghị định 44/2023/NĐ-CP"),
    (date(2024, 1, 1), 800, "Nghị quyết 110/2023/QH15, Nghị định 94/2023/NĐ-CP"),
    (date(2024, 7, 1), 800, "Nghị quyết 142/2024/QH15, Nghị định 72/2024/NĐ-CP"),
    (date(2025, 1, 1), 800, "Nghị quyết 174/2024/QH15, Nghị định 180/2024/NĐ-CP"),
    (date(2025, 7, 1), 800, "Nghị quyết 204/2025/QH15, Nghị định 174/2025/NĐ-CP"),
    (date(2027, 1, 1), 1000, "Luật Thuế GTGT 48/2024/QH15"),
)


def found(tx: Session, connection: psycopg.Connection[Any], throw: Random, *, starts_on: date, seed: int) -> list[Shop]:
    """The company with its roles, places, people and tills; answers the shops as the history needs them."""
    founded_at = day_bounds(starts_on - timedelta(days=430))[0]
    identity.create_company(
        tx,
        name=chain.COMPANY_NAME,
        tax_code=chain.COMPANY_TAX_CODE,
        address=chain.COMPANY_ADDRESS,
        phone=chain.COMPANY_PHONE,
        now=founded_at,
    )
    connection.execute("UPDATE company SET demo_seed = %s", [seed])
    at_ms = int(founded_at.timestamp()) * 1000
    places = [make_id(throw, at_ms) for _ in PLACES]
    copy_rows(
        connection,
        "location",
        "id, code, name, kind, city, address, phone, position, opening_hours, opened_on",
        (
            row_of(key, facts.code, facts.name, "branch" if facts.is_branch else "depot", facts.city, facts.address,
                   facts.phone, place + 1, _opening_hours(place), founded_at)
            for place, (key, facts) in enumerate(zip(places, PLACES, strict=True))
        ),
    )  # fmt: skip
    staff = _staff(connection, throw, places, at_ms, founded_at.isoformat())
    tills = _tills(connection, throw, places, starts_on)
    _accounts(connection, throw, places, at_ms, founded_at.isoformat())
    return [
        Shop(
            place,
            key,
            tills.get(place, []),
            [staff[log_in.email] for log_in in LOGINS if log_in.place == facts.code and log_in.role == "cashier"],
            next(staff[log_in.email] for log_in in LOGINS if log_in.place == facts.code),
        )
        for place, (key, facts) in enumerate(zip(places, PLACES, strict=True))
    ]


def _opening_hours(place: int) -> str:
    hours = hours_of(place)
    period = "-".join(f"{second // 3600:02d}:{second // 60 % 60:02d}" for second in (hours.opens_s, hours.closes_s))
    return json.dumps(dict.fromkeys(_DAYS, period if PLACES[place].is_branch else "08:00-18:00"))


def _staff(
    connection: psycopg.Connection[Any], throw: Random, places: list[str], at_ms: int, created_at: str
) -> dict[str, str]:
    """Everybody who can log in; answers ids by e-mail. One slow hash serves all: they share the password anyway."""
    password_hash, pin_hash = identity.hash_password(chain.PASSWORD), identity.hash_pin(chain.PIN)
    place_of = {facts.code: key for facts, key in zip(PLACES, places, strict=True)}
    keys = {log_in.email: make_id(throw, at_ms) for log_in in LOGINS}
    copy_rows(
        connection,
        "staff",
        "id, code, full_name, email, password_hash, pin_hash, created_at",
        (
            row_of(keys[log_in.email], code, log_in.full_name, log_in.email, password_hash, pin_hash, created_at)
            for code, log_in in enumerate(LOGINS, _FIRST_STAFF_CODE)
        ),
    )
    copy_rows(
        connection,
        "staff_role",
        "id, staff_id, role, location_id",
        (
            row_of(make_id(throw, at_ms), keys[log_in.email], log_in.role, log_in.place and place_of[log_in.place])
            for log_in in LOGINS
        ),
    )
    return keys


def _tills(connection: psycopg.Connection[Any], throw: Random, places: list[str], starts_on: date) -> dict[int, list[Till]]:
    """Four tills a branch in their first epoch, not paired with a device yet; ``write_numbers`` tells the end of them."""
    started_at = day_bounds(starts_on)[0].isoformat()
    tills = {
        place: [
            Till(make_id(throw, start_ms(starts_on)), number, 1, f"{facts.code}-{number}-1")
            for number in range(1, TILLS_OF_BRANCH + 1)
        ]
        for place, facts in enumerate(PLACES)
        if facts.is_branch
    }
    numbered = [(place, till) for place, of_branch in tills.items() for till in of_branch]
    copy_rows(
        connection,
        "till",
        "id, location_id, number, till_no, name",
        (row_of(t.id, places[place], t.number, no, f"Quầy {t.number}") for no, (place, t) in enumerate(numbered, 1)),
    )
    copy_rows(
        connection,
        "till_epoch",
        "till_id, epoch, receipt_prefix, started_at",
        (row_of(t.id, t.epoch, t.prefix, started_at) for _, t in numbered),
    )
    return tills


def _accounts(connection: psycopg.Connection[Any], throw: Random, places: list[str], at_ms: int, created_at: str) -> None:
    """An account of every branch at the demo's bank. Nobody can pay into it: the numbers belong to nobody."""
    copy_rows(
        connection,
        "bank_account",
        "id, location_id, bank_bin, account_no, account_name, active, created_at",
        (
            row_of(make_id(throw, at_ms), key, chain.BANK_BIN, f"LUADEMO{place:03d}", chain.ACCOUNT_NAME, "t", created_at)
            for place, (key, facts) in enumerate(zip(places, PLACES, strict=True), start=1)
            if facts.is_branch
        ),
    )


def shelve(connection: psycopg.Connection[Any], throw: Random, plan: Plan, *, starts_on: date) -> None:
    """The catalogue with its pictures, prices and VAT."""
    at_ms = start_ms(starts_on - timedelta(days=420))
    categories, scales, sizes, colours, vat_class = _references(connection, throw, plan, at_ms)
    copy_rows(
        connection,
        "style",
        "id, code, name_vi, name_en, category_id, season_id, size_scale_id, vat_class_id, description_vi, material, "
        "created_at",
        (
            row_of(style.id, style.code, style.name_vi, style.name_en, categories[style.kind.category],
                   style.season and style.season.id, scales[style.kind.scale], vat_class, _description(style.name_vi),
                   _material(style.name_vi, style.kind), day_bounds(style.launched_on)[0])
            for style in plan.styles
        ),
    )  # fmt: skip
    copy_rows(
        connection,
        "variant",
        "id, style_id, colour_id, size_id, sku, search_text",
        (
            row_of(v.id, style.id, colours[v.colour], sizes[style.kind.scale][v.size], v.sku, v.search_text)
            for style in plan.styles
            for v in style.variants
        ),
    )
    copy_rows(
        connection,
        "barcode",
        "code, variant_id",
        (row_of(code, v.id) for style in plan.styles for v in style.variants for code in v.barcodes),
    )
    _pictures(connection, throw, plan, colours)
    _prices(connection, throw, plan)
    connection.execute(
        "UPDATE catalogue_state SET catalogue_version = catalogue_version + 1, price_version = price_version + 1, "
        "own_barcode_no = %s",
        [sum(len(style.variants) for style in plan.styles)],
    )


def _references(
    connection: psycopg.Connection[Any], throw: Random, plan: Plan, at_ms: int
) -> tuple[dict[str, str], dict[str, str], dict[str, list[str]], list[str], str]:
    def keys(count: int) -> list[str]:
        return [make_id(throw, at_ms) for _ in range(count)]

    categories = dict(zip((slug for slug, *_ in vocabulary.CATEGORIES), keys(len(vocabulary.CATEGORIES)), strict=True))
    colours = keys(len(vocabulary.COLOURS))
    scales = {scale[0]: keys(1)[0] for scale in vocabulary.SCALES}
    sizes = {scale[0]: keys(len(scale[4])) for scale in vocabulary.SCALES}
    (vat_class,) = keys(1)
    tables: Iterable[tuple[str, str, Iterable[str]]] = (
        ("category", "id, slug, name_vi, name_en, position",
         (row_of(categories[slug], slug, vi, en, n) for n, (slug, vi, en) in enumerate(vocabulary.CATEGORIES, 1))),
        ("colour", "id, code, name_vi, name_en, hex",
         (row_of(key, *colour) for key, colour in zip(colours, vocabulary.COLOURS, strict=True))),
        ("size_scale", "id, code, name_vi, name_en",
         (row_of(scales[key], code, vi, en) for key, code, vi, en, _ in vocabulary.SCALES)),
        ("size", "id, size_scale_id, code, position",
         (row_of(sizes[scale[0]][n], scales[scale[0]], code, n + 1)
          for scale in vocabulary.SCALES for n, (code, _) in enumerate(scale[4]))),
        ("season", "id, code, name_vi, name_en, starts_on, ends_on",
         (row_of(s.id, s.code, s.name_vi, s.name_en, s.starts_on, s.ends_on) for s in plan.seasons)),
        ("vat_class", "id, code, name_vi, name_en", (row_of(vat_class, "MAYMAC", "Hàng may mặc", "Clothing"),)),
        ("vat_rate", "vat_class_id, starts_on, rate_bp, legal_basis", (row_of(vat_class, *rate) for rate in VAT_RATES)),
    )  # fmt: skip
    for table, columns, rows in tables:
        copy_rows(connection, table, columns, rows)
    return categories, scales, sizes, colours, vat_class


def _pictures(connection: psycopg.Connection[Any], throw: Random, plan: Plan, colours: list[str]) -> None:
    blobs: dict[str, bytes] = {}
    rows = []
    for style in plan.styles:
        at_ms = start_ms(style.launched_on)
        for position, colour in enumerate(style.colours, 1):
            body = picture(style.kind.symbol, vocabulary.COLOURS[colour][3], style.look)
            address = sha256(body).hexdigest()
            blobs[address] = body
            rows.append(row_of(make_id(throw, at_ms), style.id, colours[colour], position, address))
    blob_rows = (row_of(address, "image/svg+xml", body) for address, body in blobs.items())
    copy_rows(connection, "picture_blob", "sha256, media_type, body", blob_rows)
    copy_rows(connection, "picture", "id, style_id, colour_id, position, sha256", rows)


def _prices(connection: psycopg.Connection[Any], throw: Random, plan: Plan) -> None:
    copy_rows(
        connection,
        "price_list",
        "id, code, name, channel, starts_at, ends_at, priority, created_at",
        (row_of(p.id, p.code, p.name, p.channel, p.starts_at, p.ends_at, p.priority, p.starts_at) for p in plan.price_lists),
    )
    copy_rows(
        connection,
        "price",
        "id, price_list_id, style_id, price_vnd",
        (
            row_of(make_id(throw, int(p.starts_at.timestamp()) * 1000), p.id, plan.styles[style].id, price_vnd)
            for p in plan.price_lists
            for style, price_vnd in p.prices
        ),
    )


def _description(name_vi: str) -> str:
    return f"{name_vi}. Thiết kế và may tại Hà Nội, dáng tôn người, dễ phối. Giặt tay nước mát, là ở nhiệt độ thấp."


def _material(name_vi: str, kind: vocabulary.Kind) -> str | None:
    return next((vi.capitalize() for vi, _ in kind.fabrics if vi in name_vi), None)
