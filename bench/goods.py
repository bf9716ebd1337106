"""Goods for the benchmarks, by SQL: a catalogue of any size and pieces of everything everywhere."""

from datetime import datetime
from itertools import product

from sqlalchemy import text
from sqlalchemy.orm import Session

from placket.core.ids import new_id

KINDS = ("Đầm", "Áo sơ mi", "Áo thun", "Quần jean", "Chân váy", "Áo khoác", "Áo dài", "Quần short", "Áo len", "Set bộ")
CUTS = ("suông", "xòe", "cổ tròn", "cổ đức", "dáng rộng", "ôm", "lưng cao", "tay bồng", "tay lỡ", "xếp ly", "cổ tim")
CLOTHS = ("lụa", "linen", "cotton", "đũi", "tơ tằm", "denim", "dạ", "voan", "nhung", "gấm", "kate", "thô")
NAMES = ("Mai", "Lan", "Cúc", "Trúc", "Sen", "Đào", "Hạ", "Thu", "Xuân", "An", "Bình", "Chi", "Diễm", "Hương", "Khuê")
COLOURS = (("DEN", "Đen", "Black"), ("TRG", "Trắng", "White"), ("DO", "Đỏ", "Red"))
SIZES = ("S", "M", "L", "XL", "XXL")


def fill_catalogue(tx: Session, *, variants: int, now: datetime) -> None:
    """Styles in three colours and five sizes, named by combination."""
    category, scale, vat, price_list = new_id(), new_id(), new_id(), new_id()
    run = tx.execute
    run(text("INSERT INTO category VALUES (:id, NULL, 'tat-ca', 'Tất cả', 'All', 1)"), {"id": category})
    run(text("INSERT INTO size_scale VALUES (:id, 'ABC', 'Cỡ chữ', 'Letters')"), {"id": scale})
    run(text("INSERT INTO vat_class VALUES (:id, 'thuong', 'Hàng thường', 'Standard')"), {"id": vat})
    run(text("INSERT INTO vat_rate VALUES (:id, '2020-01-01', 800, 'NĐ')"), {"id": vat})
    run(
        text(
            "INSERT INTO price_list (id, code, name, starts_at, created_at) "
            "VALUES (:id, 'GOC', 'Giá gốc', '2020-01-01', :now)"
        ),
        {"id": price_list, "now": now},
    )
    colours = [{"id": new_id(), "code": code, "vi": vi, "en": en} for code, vi, en in COLOURS]
    run(text("INSERT INTO colour VALUES (:id, :code, :vi, :en, '#222222')"), colours)
    sizes = [{"id": new_id(), "scale": scale, "code": code, "position": at} for at, code in enumerate(SIZES)]
    run(text("INSERT INTO size VALUES (:id, :scale, :code, :position)"), sizes)
    per_style = len(colours) * len(sizes)
    names = [" ".join(words) for words in product(KINDS, CUTS, CLOTHS, NAMES)]
    step = max(1, len(names) // (variants // per_style + 1))
    shared = {"category": category, "scale": scale, "vat": vat, "now": now}
    styles = [
        {"id": new_id(), "code": f"L{number:05d}", "name": name} | shared
        for number, name in enumerate(names[::step][: -(-variants // per_style)])
    ]
    run(
        text(
            "INSERT INTO style (id, code, name_vi, name_en, category_id, size_scale_id, vat_class_id, created_at) "
            "VALUES (:id, :code, :name, :name, :category, :scale, :vat, :now)"
        ),
        styles,
    )
    rows = [
        {
            "id": new_id(),
            "style": style["id"],
            "colour": colour["id"],
            "size": size["id"],
            "sku": f"{style['code']}-{colour['code']}-{size['code']}",
            "search": f"{style['name']} {style['code']} {colour['vi']} {size['code']}".lower(),
        }
        for style in styles
        for colour in colours
        for size in sizes
    ][:variants]
    run(
        text(
            "INSERT INTO variant (id, style_id, colour_id, size_id, sku, search_text) "
            "VALUES (:id, :style, :colour, :size, :sku, :search)"
        ),
        rows,
    )
    run(text("INSERT INTO barcode SELECT (20000000000 + row_number() OVER ())::text || '0', id FROM variant"))
    run(
        text(
            "INSERT INTO price (id, price_list_id, style_id, price_vnd) "
            "SELECT gen_random_uuid(), :list, id, 199000 + 10000 * (abs(hashtext(code)) % 80) FROM style"
        ),
        {"list": price_list},
    )


def fill_stock(tx: Session, *, pieces: int, now: datetime) -> None:
    """So many pieces of every variant everywhere, with their ledger rows."""
    document = new_id()
    tx.execute(
        text("INSERT INTO stock_document (id, kind, reason, created_at) VALUES (:id, 'opening', 'Đầu kỳ', :now)"),
        {"id": document, "now": now},
    )
    tx.execute(
        text(
            "INSERT INTO stock (location_id, variant_id, on_hand, version) "
            "SELECT l.id, v.id, :n, 1 FROM location l, variant v"
        ),
        {"n": pieces},
    )
    tx.execute(
        text(
            "INSERT INTO stock_ledger (location_id, variant_id, qty, kind, ref, occurred_at) "
            "SELECT location_id, variant_id, on_hand, 'opening', :id, :now FROM stock"
        ),
        {"id": document, "now": now},
    )
