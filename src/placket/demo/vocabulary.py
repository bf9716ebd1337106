"""The words of the demo chain: what garments, colours and people are called. Lists only; nothing here decides.

Vietnamese names read as a shop would write them ("Đầm lụa tơ tằm cổ đổ"); the English ones say the same.
"""

from dataclasses import dataclass

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of garment: how its styles are named, priced, sized, drawn, and when they sell."""

    code: str
    symbol: str
    category: str
    scale: str
    noun_vi: str
    noun_en: str
    fabrics: tuple[Pair, ...]
    details: tuple[Pair, ...]
    price_from: int  # thousand đồng
    price_to: int
    weight: int  # how many of a hundred styles
    cold: float  # sales in winter against summer, in the north


SILK, LINEN, VOAN = ("lụa tơ tằm", "silk"), ("linen", "linen"), ("voan", "chiffon")
COTTON, TWEED, LACE = ("cotton", "cotton"), ("tweed", "tweed"), ("ren", "lace")
SATIN, DUI, TAFTA = ("satin", "satin"), ("đũi", "raw silk"), ("tơ tafta", "taffeta")
KHAKI, DENIM, WOOL = ("kaki", "khaki"), ("denim", "denim"), ("dạ", "wool")
KNIT, BROCADE, VELVET = ("len mỏng", "fine-knit"), ("gấm", "brocade"), ("nhung", "velvet")
TUYTSI, MODAL, LEATHER = ("tuytsi", "twill"), ("modal", "modal"), ("da mềm", "soft leather")
CANVAS, CREPE, ORGANZA = ("canvas", "canvas"), ("crepe", "crepe"), ("organza", "organza")

DRESS_DETAILS = (
    ("cổ đổ", "cowl-neck"),
    ("cổ vuông", "square-neck"),
    ("tay bồng", "balloon-sleeve"),
    ("dáng suông", "straight"),
    ("dáng chữ A", "A-line"),
    ("hai dây", "slip"),
    ("thắt eo", "tie-waist"),
    ("bèo nhún", "ruffled"),
    ("xếp ly", "pleated"),
    ("cổ V", "V-neck"),
    ("cổ yếm", "halter"),
    ("cúc bọc", "covered-button"),
    ("tay lỡ", "three-quarter-sleeve"),
    ("sơ mi", "shirt-style"),
    ("nhún eo", "gathered-waist"),
    ("đuôi cá", "mermaid"),
)
TOP_DETAILS = (
    ("tay bồng", "balloon-sleeve"),
    ("cổ nơ", "bow-neck"),
    ("cổ trụ", "band-collar"),
    ("dáng rộng", "loose"),
    ("dáng ôm", "fitted"),
    ("tay lỡ", "three-quarter-sleeve"),
    ("cổ đức", "classic-collar"),
    ("thêu tay", "hand-embroidered"),
    ("phối ren", "lace-trimmed"),
    ("túi ngực", "chest-pocket"),
    ("vạt chéo", "wrap"),
    ("kẻ sọc", "striped"),
    ("cổ sen", "Peter-Pan-collar"),
    ("không tay", "sleeveless"),
)
BOTTOM_DETAILS = (
    ("ống suông", "straight-leg"),
    ("ống rộng", "wide-leg"),
    ("ống loe", "flared"),
    ("ống đứng", "slim"),
    ("cạp cao", "high-waist"),
    ("lưng thun", "elastic-waist"),
    ("xếp ly", "pleated"),
    ("culottes", "culotte"),
    ("baggy", "baggy"),
    ("xẻ gấu", "split-hem"),
    ("chín tấc", "cropped"),
    ("túi hộp", "cargo"),
)
SKIRT_DETAILS = (
    ("xếp ly dáng dài", "long pleated"),
    ("bút chì", "pencil"),
    ("chữ A", "A-line"),
    ("xòe midi", "flared midi"),
    ("đuôi cá", "mermaid"),
    ("cài cúc", "button-front"),
    ("vạt lệch", "asymmetric"),
    ("tầng bèo", "tiered"),
    ("xẻ tà", "slit"),
    ("quấn", "wrap"),
    ("lưng cao", "high-waist"),
    ("dáng ngắn", "mini"),
)
JACKET_DETAILS = (
    ("cổ vest một nút", "one-button"),
    ("cổ vest hai hàng cúc", "double-breasted"),
    ("dáng rộng", "oversized"),
    ("dáng lửng", "cropped"),
    ("không cổ", "collarless"),
    ("thắt đai", "belted"),
    ("cổ tim", "shawl-collar"),
    ("tay xắn", "rolled-sleeve"),
    ("kẻ caro", "checked"),
    ("phối viền", "piped"),
)
COAT_DETAILS = (
    ("dáng dài", "long"),
    ("thắt đai", "belted"),
    ("hai hàng cúc", "double-breasted"),
    ("có mũ", "hooded"),
    ("cổ bẻ", "lapel"),
    ("dáng lửng", "cropped"),
    ("chần bông", "quilted"),
    ("cổ cao", "high-neck"),
    ("khóa kéo", "zipped"),
    ("bo gấu", "ribbed-hem"),
)
AODAI_DETAILS = (
    ("cách tân", "modern"),
    ("truyền thống", "traditional"),
    ("cổ thuyền", "boat-neck"),
    ("tay phồng", "puff-sleeve"),
    ("thêu sen", "lotus-embroidered"),
    ("in hoa", "flower-printed"),
    ("bốn tà", "four-panel"),
    ("tay raglan", "raglan-sleeve"),
    ("đính ngọc", "beaded"),
    ("vẽ tay", "hand-painted"),
)
TEE_DETAILS = (
    ("cổ tròn", "crew-neck"),
    ("cổ tim", "V-neck"),
    ("dáng rộng", "loose"),
    ("dáng lửng", "cropped"),
    ("in chữ", "slogan"),
    ("in hoa", "flower-print"),
    ("kẻ ngang", "striped"),
    ("tay dài", "long-sleeve"),
    ("ba lỗ", "tank"),
    ("cổ bẻ", "polo"),
)
SCARF_DETAILS = (
    ("in họa tiết", "printed"),
    ("in sen", "lotus"),
    ("viền tua", "fringed"),
    ("vuông", "square"),
    ("dáng dài", "long"),
    ("vẽ tay", "hand-painted"),
    ("bandana", "bandana"),
    ("thêu viền", "embroidered"),
)
BAG_DETAILS = (
    ("đeo chéo", "crossbody"),
    ("xách tay", "handheld"),
    ("tote", "tote"),
    ("hộp mini", "mini box"),
    ("quai xích", "chain-strap"),
    ("nắp gập", "flap"),
    ("dây rút", "bucket"),
    ("đeo vai", "shoulder"),
)
LENGTHS = (
    ("dáng dài", "long"),
    ("dáng midi", "midi"),
    ("thêu hoa", "embroidered"),
    ("phối nơ", "bow-trimmed"),
    ("bản mới", "new"),
)

KINDS = (
    Kind(
        "DM",
        "dress",
        "dam",
        "chu",
        "Đầm",
        "dress",
        (SILK, LINEN, VOAN, TWEED, LACE, DUI, TAFTA, CREPE),
        DRESS_DETAILS,
        450,
        1690,
        17,
        0.8,
    ),
    Kind(
        "SM",
        "shirt",
        "ao-so-mi",
        "chu",
        "Áo sơ mi",
        "shirt",
        (LINEN, COTTON, SILK, SATIN, VOAN, ORGANZA),
        TOP_DETAILS,
        290,
        890,
        16,
        1.0,
    ),
    Kind(
        "CV",
        "skirt",
        "chan-vay",
        "chu",
        "Chân váy",
        "skirt",
        (TAFTA, TUYTSI, SATIN, DENIM, TWEED, LINEN),
        SKIRT_DETAILS,
        290,
        890,
        11,
        0.9,
    ),
    Kind(
        "BZ",
        "blazer",
        "ao-khoac",
        "chu",
        "Blazer",
        "blazer",
        (TUYTSI, TWEED, LINEN, WOOL, VELVET),
        JACKET_DETAILS,
        690,
        1890,
        7,
        1.7,
    ),
    Kind(
        "DX",
        "maxi",
        "dam",
        "chu",
        "Đầm maxi",
        "maxi dress",
        (VOAN, LINEN, COTTON, SILK, ORGANZA),
        DRESS_DETAILS,
        550,
        1590,
        6,
        0.45,
    ),
    Kind(
        "QT",
        "trousers",
        "quan",
        "so",
        "Quần",
        "trousers",
        (TUYTSI, LINEN, KHAKI, DENIM, CREPE, COTTON),
        BOTTOM_DETAILS,
        350,
        890,
        13,
        1.0,
    ),
    Kind("KL", "scarf", "phu-kien", "mot", "Khăn", "scarf", (SILK, VOAN, WOOL, SATIN), SCARF_DETAILS, 190, 590, 8, 1.5),
    Kind(
        "AD",
        "aodai",
        "ao-dai",
        "chu",
        "Áo dài",
        "ao dai",
        (BROCADE, SILK, VELVET, LACE, ORGANZA),
        AODAI_DETAILS,
        890,
        3490,
        5,
        1.6,
    ),
    Kind(
        "AK",
        "coat",
        "ao-khoac",
        "chu",
        "Áo khoác",
        "coat",
        (WOOL, KHAKI, TWEED, DENIM, KNIT),
        COAT_DETAILS,
        590,
        2690,
        6,
        2.6,
    ),
    Kind("AT", "tee", "ao-thun", "chu", "Áo thun", "T-shirt", (COTTON, MODAL, KNIT, LINEN), TEE_DETAILS, 190, 390, 8, 0.7),
    Kind("TX", "bag", "phu-kien", "mot", "Túi", "bag", (LEATHER, CANVAS, TWEED, VELVET), BAG_DETAILS, 290, 1290, 3, 1.0),
)

# The styles of the drawings, first in their kind: (kind, code, name, English name, price in thousand đồng, colours).
FAMOUS = (
    ("DM", "DM2041", "Đầm lụa tơ tằm cổ đổ", "Cowl-neck silk dress", 1890, ("KEM", "DEN", "DODO")),
    ("SM", "SM1180", "Áo sơ mi linen tay bồng", "Balloon-sleeve linen shirt", 690, ("TRANG", "KEM", "XANHTROI", "HONGPHAN")),
    ("CV", "CV1302", "Chân váy xếp ly dáng dài", "Long pleated skirt", 790, ("XANHREU", "DEN", "BE")),
    ("BZ", "BZ0417", "Blazer cổ vest một nút", "One-button blazer", 1690, ("DEN", "BE", "XANHTHAN")),
    ("DX", "DX2108", "Đầm maxi hoa nhí", "Floral maxi dress", 1250, ("HONGDAT", "KEM", "XANHTROI")),
    ("QT", "QT0925", "Quần tây ống suông", "Straight-leg trousers", 850, ("XANHTHAN", "DEN", "GHI")),
    ("KL", "KL0310", "Khăn lụa in họa tiết", "Printed silk scarf", 390, ("VANGNGHE", "DODO", "XANHNGOC", "TIMKHOI")),
    ("AD", "AD0188", "Áo dài gấm cách tân", "Modern brocade ao dai", 2290, ("DODO", "XANHNGOC", "VANGNGHE")),
    ("AK", "AK0733", "Áo khoác trench", "Trench coat", 2450, ("NAUSUA", "DEN", "OLIU")),
    ("AT", "AT0560", "Áo thun cotton cổ tròn", "Crew-neck cotton T-shirt", 320, ("GHI", "TRANG", "DEN", "XANHREU")),
)  # fmt: skip

# (code, Vietnamese, English, hex)
COLOURS = (
    ("KEM", "Kem", "Cream", "#E4D5B7"),
    ("TRANG", "Trắng", "White", "#F4F1EA"),
    ("DEN", "Đen", "Black", "#2B2724"),
    ("BE", "Be", "Beige", "#CDB795"),
    ("NAUSUA", "Nâu sữa", "Latte", "#B79A6E"),
    ("XANHREU", "Xanh rêu", "Moss green", "#4C6B5F"),
    ("HONGDAT", "Hồng đất", "Dusty rose", "#C58678"),
    ("DODO", "Đỏ đô", "Burgundy", "#8F2F47"),
    ("XANHTHAN", "Xanh than", "Navy", "#3C475A"),
    ("VANGNGHE", "Vàng nghệ", "Turmeric", "#C58B2F"),
    ("GHI", "Ghi", "Grey", "#848B7C"),
    ("XANHTROI", "Xanh da trời", "Sky blue", "#A9BFD2"),
    ("HONGPHAN", "Hồng phấn", "Blush", "#E3BDB8"),
    ("XANHNGOC", "Xanh ngọc", "Jade", "#2F7566"),
    ("TIMKHOI", "Tím khói", "Smoky violet", "#7B6B86"),
    ("OLIU", "Ô liu", "Olive", "#6E6B45"),
    ("CAMDAT", "Cam đất", "Terracotta", "#B4623F"),
    ("CAPHE", "Cà phê", "Coffee", "#5B4232"),
    ("BACHA", "Bạc hà", "Mint", "#B9D3C2"),
    ("OAIHUONG", "Oải hương", "Lavender", "#B4A7CB"),
    ("VANGBO", "Vàng bơ", "Butter", "#EFDFA4"),
    ("XAMKHOI", "Xám khói", "Smoke", "#9A9A99"),
    ("DOGACH", "Đỏ gạch", "Brick", "#A2402F"),
    ("XANHCOBAN", "Xanh coban", "Cobalt", "#2E4E8F"),
)

# (slug, Vietnamese, English)
CATEGORIES = (
    ("dam", "Đầm", "Dresses"),
    ("ao-so-mi", "Áo sơ mi", "Shirts"),
    ("chan-vay", "Chân váy", "Skirts"),
    ("quan", "Quần", "Trousers"),
    ("ao-khoac", "Áo khoác", "Jackets and coats"),
    ("ao-dai", "Áo dài", "Ao dai"),
    ("ao-thun", "Áo thun", "T-shirts"),
    ("phu-kien", "Phụ kiện", "Accessories"),
)

# (key, code, Vietnamese, English, ((size, weight), …))
SCALES = (
    ("chu", "S-XXL", "Cỡ chữ S đến XXL", "Letters S to XXL", (("S", 24), ("M", 32), ("L", 24), ("XL", 14), ("XXL", 6))),
    ("so", "26-36", "Cỡ số 26 đến 36", "Numbers 26 to 36",
     (("26", 12), ("28", 26), ("30", 28), ("32", 18), ("34", 11), ("36", 5))),
    ("mot", "MOTCO", "Một cỡ", "One size", (("F", 100),)),
)  # fmt: skip

FAMILY_NAMES = (
    ("Nguyễn", 31), ("Trần", 11), ("Lê", 9), ("Phạm", 7), ("Hoàng", 3), ("Huỳnh", 3), ("Phan", 5), ("Vũ", 3), ("Võ", 3),
    ("Đặng", 3), ("Bùi", 3), ("Đỗ", 3), ("Hồ", 2), ("Ngô", 2), ("Dương", 2), ("Lý", 1), ("Đinh", 1), ("Mai", 1),
    ("Trịnh", 1), ("Đoàn", 1), ("Lương", 1), ("Cao", 1),
)  # fmt: skip
WOMEN_MIDDLE = ("Thị", "Ngọc", "Thu", "Thanh", "Minh", "Phương", "Thùy", "Kim", "Bảo", "Khánh", "Hồng", "Mỹ", "Hoài", "Diệu",
                "Tường", "Quỳnh", "Như", "Hải", "Thảo", "Bích")  # fmt: skip
WOMEN_GIVEN = ("Anh", "Linh", "Trang", "Hương", "Lan", "Mai", "Ngọc", "Thảo", "Hà", "Hạnh", "Vy", "Nhi", "My", "Trâm",
               "Uyên", "Phương", "Yến", "Dung", "Hiền", "Nga", "Quyên", "Châu", "Thủy", "Ngân", "Tú", "Chi", "Giang",
               "Oanh", "Loan", "Hoa", "Nhung", "Thư", "Trinh", "Vân", "Xuân", "Diễm", "Kiều", "Tiên", "Hằng",
               "Quỳnh")  # fmt: skip
MEN_MIDDLE = ("Văn", "Hữu", "Đức", "Minh", "Quang", "Gia", "Anh", "Tuấn", "Quốc", "Thành", "Hoàng", "Xuân")
MEN_GIVEN = ("Nam", "Hùng", "Dũng", "Long", "Khoa", "Phúc", "Huy", "Bình", "Sơn", "Tùng", "Việt", "Khang", "Đạt", "Thắng",
             "Tiến", "Hải")  # fmt: skip
