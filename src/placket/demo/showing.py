"""What the demo chain's shop tells: the house's story with its picture, and what its garments measure."""

import json
from hashlib import sha256
from typing import Any, Final

import psycopg

from placket.demo.pictures import story

_TEXTS: Final = {
    "title_vi": "Lụa mặc hằng ngày",
    "title_en": "Silk for every day",
    "lead_vi": "Tơ tằm Bảo Lộc giặt được bằng máy, dệt cho thành phố.",
    "lead_en": "Bảo Lộc silk that goes into the machine, woven for the city.",
    "band_title_vi": "Từ kén tằm Bảo Lộc đến tủ áo của bạn",
    "band_title_en": "From a cocoon in Bảo Lộc to your wardrobe",
    "band_text_vi": "19 momme, nhuộm ở làng Vạn Phúc, may tại Hà Nội. Mỗi chiếc đầm lụa đi qua 14 đôi tay.",
    "band_text_en": "19 momme, dyed in Vạn Phúc, sewn in Hanoi. Fourteen pairs of hands make every silk dress.",
}
_PARTS_VI: Final = (
    (
        "",
        (
            "Lụa bắt đầu năm 2011 với một sạp vải ở Tràng Tiền. Chúng tôi muốn tơ tằm không phải để dành: mặc đi làm, "
            "đi chợ, giặt máy, và mặc lại."
        ),
    ),
    ("Bảo Lộc", "Kén được ươm ở cao nguyên, kéo sợi tại chỗ, mười chín momme cho đầm và mười sáu cho áo."),
    ("Vạn Phúc", "Vải nhuộm ở làng lụa Vạn Phúc, từng mẻ nhỏ, nên hai chiếc áo cùng màu vẫn có thể khác nhau một chút."),
    ("Hà Nội", "Mười bốn người cắt, may, thùa và là một chiếc đầm. Tên người may cuối cùng nằm trên nhãn bên trong."),
)
_PARTS_EN: Final = (
    (
        "",
        (
            "Lụa began in 2011 with a stall of cloth in Tràng Tiền. Silk, we thought, is not to be kept for Sunday: wear it "
            "to work and to the market, wash it, wear it again."
        ),
    ),
    ("Bảo Lộc", "The cocoons grow in the highlands and are reeled there: nineteen momme for dresses, sixteen for shirts."),
    ("Vạn Phúc", "The cloth is dyed in Vạn Phúc, in small vats, so two shirts of a colour may differ a little."),
    ("Hanoi", "Fourteen people cut, sew, finish and press a dress. The last one's name is on the label inside."),
)

_LETTERS: Final = ("S", "M", "L", "XL", "XXL")
_NUMBERS: Final = ("26", "28", "30", "32", "34", "36")
# By category: the sizes, and of each measure the smallest size and what a size adds, in centimetres.
_GUIDES: Final = {
    "dam": (_LETTERS, {"bust": (84, 4), "waist": (68, 4), "hips": (92, 4), "length": (112, 1)}),
    "ao-so-mi": (_LETTERS, {"bust": (90, 4), "shoulder": (36, 1), "sleeve": (57, 1), "length": (64, 1)}),
    "chan-vay": (_LETTERS, {"waist": (64, 4), "hips": (90, 4), "length": (76, 1)}),
    "quan": (_NUMBERS, {"waist": (64, 4), "hips": (88, 4), "length": (98, 1)}),
    "ao-khoac": (_LETTERS, {"bust": (92, 4), "shoulder": (38, 1), "sleeve": (58, 1), "length": (88, 2)}),
    "ao-dai": (_LETTERS, {"bust": (82, 4), "waist": (66, 4), "hips": (90, 4), "length": (132, 2)}),
    "ao-thun": (_LETTERS, {"bust": (86, 4), "shoulder": (37, 1), "length": (60, 1)}),
}


def show(connection: psycopg.Connection[Any]) -> None:
    """Write them as head office would have."""
    picture = story()
    address = sha256(picture).hexdigest()
    connection.execute(
        "INSERT INTO picture_blob (sha256, media_type, body) VALUES (%s, 'image/svg+xml', %s) ON CONFLICT DO NOTHING",
        [address, picture],
    )
    connection.execute(
        "INSERT INTO shop_story (id, title_vi, title_en, lead_vi, lead_en, band_title_vi, band_title_en, band_text_vi, "
        "band_text_en, parts_vi, parts_en, sha256) VALUES (1, %(title_vi)s, %(title_en)s, %(lead_vi)s, %(lead_en)s, "
        "%(band_title_vi)s, %(band_title_en)s, %(band_text_vi)s, %(band_text_en)s, %(vi)s, %(en)s, %(address)s)",
        {**_TEXTS, "vi": json.dumps(_PARTS_VI), "en": json.dumps(_PARTS_EN), "address": address},
    )
    for slug, (sizes, measures) in _GUIDES.items():
        guide = {
            size: {name: first + step * place for name, (first, step) in measures.items()}
            for place, size in enumerate(sizes)
        }
        connection.execute(
            "INSERT INTO size_guide (category_id, measures) SELECT id, %s FROM category WHERE slug = %s",
            [json.dumps(guide), slug],
        )
