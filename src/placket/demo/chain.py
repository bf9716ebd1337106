"""The demo chain's places and people: twelve branches, a depot, and staff of every role. Fixed, whatever the seed.

Everybody shares one password and one PIN, because nothing here is worth keeping from anybody.
"""

from dataclasses import dataclass
from random import Random
from typing import Final

from placket.demo import vocabulary
from placket.demo.dice import Weighed, dice

PASSWORD: Final = "lua-demo-2026"  # noqa: S105 - everybody may know it
PIN: Final = "123456"
MAIL: Final = "lua.example"
TILLS_OF_BRANCH: Final = 4
MOSTLY_WOMEN: Final = 0.85
_FAMILIES: Final = Weighed(vocabulary.FAMILY_NAMES)

COMPANY_NAME: Final = "Lụa"
COMPANY_TAX_CODE: Final = "0109876543"
COMPANY_ADDRESS: Final = "18 Tràng Tiền, phường Cửa Nam, Hà Nội"
COMPANY_PHONE: Final = "+842436886868"
BANK_BIN: Final = "970436"
ACCOUNT_NAME: Final = "CONG TY LUA DEMO"


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A branch or the depot. ``weight`` is its share of the shops' sales, ``growth`` what it gains a year."""

    code: str
    name: str
    city: str
    address: str
    phone: str
    weight: float
    growth: float
    cashiers: int
    mall: bool

    @property
    def is_branch(self) -> bool:
        """Whether it has tills."""
        return self.cashiers > 0


HANOI: Final = "Hà Nội"
SAIGON: Final = "TP. Hồ Chí Minh"

PLACES: Final = (
    PlaceFacts("HN01", "Tràng Tiền", HANOI, "24 Tràng Tiền, phường Cửa Nam", "+842439360101", 1.42, 0.22, 6, mall=False),
    PlaceFacts("HN02", "Aeon Hà Đông", HANOI, "Tầng 1, Aeon Mall Hà Đông, phường Dương Nội", "+842439360102", 1.08, 0.15, 5,
               mall=True),
    PlaceFacts("HN03", "Vincom Bà Triệu", HANOI, "191 Bà Triệu, phường Hai Bà Trưng", "+842439360103", 1.02, 0.07, 5,
               mall=True),
    PlaceFacts("HN04", "Royal City", HANOI, "72A Nguyễn Trãi, phường Khương Đình", "+842439360104", 0.86, -0.02, 4,
               mall=True),
    PlaceFacts("HN05", "Times City", HANOI, "458 Minh Khai, phường Vĩnh Tuy", "+842439360105", 0.78, 0.02, 4, mall=True),
    PlaceFacts("HN06", "Long Biên", HANOI, "27 Cổ Linh, phường Long Biên", "+842439360106", 0.64, 0.06, 4, mall=True),
    PlaceFacts("SG01", "Hai Bà Trưng", SAIGON, "212 Hai Bà Trưng, phường Tân Định", "+842838220101", 1.30, 0.18, 6,
               mall=False),
    PlaceFacts("SG02", "Đồng Khởi", SAIGON, "86 Đồng Khởi, phường Sài Gòn", "+842838220102", 1.24, 0.10, 6, mall=False),
    PlaceFacts("SG03", "Crescent Mall", SAIGON, "101 Tôn Dật Tiên, phường Tân Mỹ", "+842838220103", 0.94, 0.03, 5,
               mall=True),
    PlaceFacts("SG04", "Giga Mall", SAIGON, "240 Phạm Văn Đồng, phường Hiệp Bình", "+842838220104", 0.82, 0.04, 4,
               mall=True),
    PlaceFacts("SG05", "Aeon Bình Tân", SAIGON, "1 Đường số 17A, phường Bình Trị Đông", "+842838220105", 0.72, -0.03, 4,
               mall=True),
    PlaceFacts("SG06", "Vincom Thủ Đức", SAIGON, "216 Võ Văn Ngân, phường Thủ Đức", "+842838220106", 0.70, -0.14, 4,
               mall=True),
    PlaceFacts("KHO", "Kho trung tâm", HANOI, "Lô 5, khu công nghiệp Nam Thăng Long", "+842437650100", 0.0, 0.30, 0,
               mall=False),
)  # fmt: skip
DEPOT: Final = len(PLACES) - 1


@dataclass(frozen=True, slots=True)
class LogIn:
    """A member of the demo's staff: at a place, or (none) in the whole chain."""

    role: str
    full_name: str
    email: str
    place: str | None = None
    password: str = PASSWORD
    pin: str = PIN


def full_name(throw: Random, *, woman: bool) -> str:
    """A Vietnamese name (family, middle, given), drawn by how common it is."""
    middle = vocabulary.WOMEN_MIDDLE if woman else vocabulary.MEN_MIDDLE
    given = vocabulary.WOMEN_GIVEN if woman else vocabulary.MEN_GIVEN
    return f"{_FAMILIES.draw(throw)} {throw.choice(middle)} {throw.choice(given)}"


def _log_ins() -> tuple[LogIn, ...]:
    throw = dice(0, "staff")
    people = [
        LogIn("owner", "Trần Minh Lụa", f"owner@{MAIL}"),
        LogIn("accountant", "Phạm Thu Hà", f"accountant@{MAIL}"),
        LogIn("marketer", "Đỗ Khánh Vy", f"marketer@{MAIL}"),
        LogIn("it", "Nguyễn Hữu Khoa", f"it@{MAIL}"),
        LogIn("warehouse", "Bùi Văn Sơn", f"warehouse@{MAIL}", "KHO"),
    ]
    people += [LogIn("warehouse", full_name(throw, woman=False), f"warehouse{number}@{MAIL}", "KHO") for number in (2, 3)]
    for place in PLACES:
        if not place.is_branch:
            continue
        code = place.code.lower()
        people.append(LogIn("store_manager", full_name(throw, woman=True), f"{code}.manager@{MAIL}", place.code))
        people += [
            LogIn("cashier", full_name(throw, woman=throw.random() < MOSTLY_WOMEN), f"{code}.{number}@{MAIL}", place.code)
            for number in range(1, place.cashiers + 1)
        ]
    return tuple(people)


LOGINS: Final = _log_ins()
