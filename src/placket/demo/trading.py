"""A day of the chain: deliveries, sales, returns, voids, as rows that the posting desk and the verbs would have written.

The desk itself prices carts one by one and posts them in batches of live traffic; two years of history would take it half
an hour. Money follows the same rules (``core.money``), and the tests hold both and ``placket verify`` against it.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any, Final

from placket.core.money import split
from placket.demo.catalogue import start_ms
from placket.demo.chain import DEPOT, PLACES
from placket.demo.costing import Costing
from placket.demo.customers import CUSTOMER_MASK, PLACE_MASK, PLACE_SHIFT, SECOND_SHIFT, hours_of, visit
from placket.demo.dice import make_id
from placket.demo.goods import Goods, Prices, region_of
from placket.demo.loading import NULL, Writer
from placket.demo.offering import Offering
from placket.demo.parts import Line, Piece, Seller, Shop, Till, vat_shares
from placket.demo.rhythm import DAY_S
from placket.sales import cash_rounding

OPENING_S: Final = 6 * 3600 + 1800
DELIVERY_S: Final = 7 * 3600
OPEN_EARLIER_S: Final = 900
MONDAY: Final = 0

_LINES: Final = ((1, 2, 3, 4, 5, 6), (36, 67, 85, 94, 99, 100))
_TWO_OF_ONE: Final = 0.07
_CHEAP_VND: Final = 500_000
_FROM_DEPOT: Final = 0.012
_RETURNED: Final = 0.033
_EXCHANGED: Final = 0.45
_VOIDED: Final = 0.002
_NOTE_VND: Final = 1_000
_ADVISED: Final = 0.6
_LATEST_RETURN: Final = 28
_SHIFT_S: Final = 15 * 3600  # the afternoon shift begins
_VOID_REASONS: Final = ("Khách đổi ý trước khi rời quầy", "Quét nhầm cỡ", "Nhầm phương thức thanh toán")
_NEW: Final = "\t".join([NULL] * 4)  # a line that takes nothing back
# Why goods come back: more often for another size where something else goes out in the same sale.
_WHY_SWAPPED: Final = ("size", "size", "size", "colour")
_WHY_BACK: Final = ("size", "unsuitable", "unsuitable", "other")
_CLOCK: Final = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}+07" for s in range(DAY_S)]


@dataclass(slots=True)
class Today:
    """The day being told."""

    on: date
    text: str = ""
    start_ms: int = 0
    from_s: int = 0
    to_s: int = DAY_S
    store_prices: Prices = ()
    web_prices: Prices = ()
    promo_version: int = 0
    busy: dict[int, int] = field(default_factory=dict)
    back: list[tuple[int, int, int]] = field(default_factory=list)


class Trading:
    """Tells day after day to a writer. ``customers`` are their ids by number; number 0 is nobody known.

    Without ``costing`` nobody says what goods cost, and their average stays.
    """

    def __init__(
        self,
        *,
        goods: Goods,
        shops: Sequence[Shop],
        customers: Sequence[str],
        prices_on: Callable[[str, date], Prices],
        is_open: Callable[[date], bool],
        price_version: int,
        offering: Offering,
        writer: Writer,
        throw: Random,
        costing: Costing | None = None,
    ) -> None:
        self.goods = goods
        self.shops = shops
        self.sales = 0
        self.lines = 0
        self.due: dict[int, list[Piece]] = {}
        self._customers = customers
        self._prices_on = prices_on
        self._is_open = is_open
        self._price_version = price_version
        self._offering = offering
        self._writer = writer
        self._throw = throw
        self._costing = costing
        self._sale, self._line, self._payment = (writer.rows(t) for t in ("sale", "sale_line", "payment"))
        self._discount, self._use = writer.rows("sale_discount"), writer.rows("promotion_use")
        self._ledger, self._document = writer.rows("stock_ledger"), writer.rows("stock_document")
        self._timeline, self._opening = writer.rows("sale_timeline"), writer.rows("till_opening")
        self._regions = [region_of(shop.place) for shop in shops]
        self._month = (0, 0)
        self._known: tuple[Prices, Prices] = ((), ())
        self._today = Today(date.min)

    def stock_up(self, on: date) -> None:
        """The opening balance of everything that is sold on the first day."""
        self._begin(on, 0, DAY_S)
        styles = [n for n, style in enumerate(self.goods.plan.styles) if style.launched_on <= on]
        for shop in self.shops:
            self._deliver(shop, "opening", "Tồn đầu kỳ", self.goods.first_delivery(shop.place, styles), OPENING_S)
        self._writer.flush()

    def day(self, on: date, visits: Sequence[int], *, from_s: int = 0, to_s: int = DAY_S) -> None:
        """Tell one day, or the part of it in ``[from_s, to_s)``."""
        today = self._begin(on, from_s, to_s)
        if from_s <= DELIVERY_S < to_s:
            self._deliveries(on)
        returning = self._returning(on, from_s, to_s)
        today.busy = Counter(code >> PLACE_SHIFT & PLACE_MASK for code in visits)
        for code in sorted([*visits, *returning]):
            second, place, customer = code >> SECOND_SHIFT, code >> PLACE_SHIFT & PLACE_MASK, code & CUSTOMER_MASK
            piece = returning.pop(code, None)  # a visit may fall on the same second, by nobody in particular too
            if piece is not None:
                self._take_back(second, piece)
            else:
                self._sell(second, place, customer)
        for place, variant, pieces in today.back:
            self.goods.put(place, variant, pieces)
        self._close_tills()
        self._writer.flush()

    def _begin(self, on: date, from_s: int, to_s: int) -> Today:
        prices = (self._prices_on("store", on), self._prices_on("web", on))
        if (on.year, on.month) != self._month or prices[0] is not self._known[0] or prices[1] is not self._known[1]:
            self._month, self._known = (on.year, on.month), prices
            self.goods.new_season(on, prices[0])
        elif any(style.launched_on == on for style in self.goods.plan.styles):
            self.goods.new_season(on, prices[0])
        version = self._offering.version_on(on)
        self._today = Today(on, on.isoformat(), start_ms(on), from_s, to_s, *prices, promo_version=version)
        return self._today

    def _deliveries(self, on: date) -> None:
        fresh = [place for place, style in enumerate(self.goods.plan.styles) if style.launched_on == on]
        for shop in self.shops:
            wanted = self.goods.first_delivery(shop.place, fresh) if fresh else []
            self._deliver(shop, "receipt", "Nhập hàng mới về", wanted, DELIVERY_S)
            if on.weekday() == MONDAY:
                weekly = self.goods.weekly_delivery(shop.place, on)
                self._deliver(shop, "receipt", "Nhập hàng tuần", weekly, DELIVERY_S)

    def _deliver(self, shop: Shop, kind: str, reason: str, wanted: Sequence[tuple[int, int]], second: int) -> None:
        if not wanted or not shop.id:
            return
        today = self._today
        at = f"{today.text} {_CLOCK[second]}"
        document = make_id(self._throw, today.start_ms + second * 1000)
        self._document(f"{document}\t{kind}\t{reason}\t{shop.keeper}\t{at}")
        if self._costing is not None and shop.place == DEPOT:
            is_opening = kind == "opening"
            self._costing.take_in(document, place=shop.id, keeper=shop.keeper, at=at, wanted=wanted, is_opening=is_opening)
        tail = f"{kind}\t{document}\t{shop.keeper}\t{NULL}\t{NULL}\t{at}\t{at}"
        ids = self.goods.ids
        for variant, pieces in wanted:
            self.goods.put(shop.place, variant, pieces)
            self._ledger(f"{shop.id}\t{ids[variant]}\t{pieces}\t{tail}")

    def _returning(self, on: date, from_s: int, to_s: int) -> dict[int, Piece]:
        found = {}
        for piece in self.due.pop(on.toordinal(), ()):
            hours = hours_of(piece.shop)
            second = hours.second(self._throw)
            if from_s <= second < to_s:
                found[visit(second, piece.shop, piece.customer)] = piece
        return found

    def _sell(self, second: int, place: int, customer: int) -> None:
        lines = self._priced(place, self._basket(place))
        applied: list[dict[str, Any]] = []
        if lines and self._today.promo_version:
            at_ms = self._today.start_ms + second * 1000
            lines, applied = self._offering.price(lines, place=place, customer=customer, at_ms=at_ms)
        if lines:
            self._post(second, place, customer, lines, applied)

    def _take_back(self, second: int, piece: Piece) -> None:
        lines = [Line(piece.source, piece.variant, -1, piece.unit_vnd, piece.vat_bp, -piece.vat_vnd, piece)]
        if self._throw.random() < _EXCHANGED:
            found = self.goods.pick(piece.shop, self._regions[piece.shop])
            if found is not None:
                lines += self._priced(piece.shop, {(piece.shop, found): 1})
        self._post(second, piece.shop, piece.customer, lines)

    def _basket(self, place: int) -> dict[tuple[int, int], int]:
        """(source, variant) → pieces; a piece of the depot when the customer wants what the shop has not."""
        goods, throw, region = self.goods, self._throw, self._regions[place]
        left = goods.left[place]
        basket: dict[tuple[int, int], int] = {}
        for _ in range(throw.choices(_LINES[0], cum_weights=_LINES[1])[0]):
            if place != DEPOT and throw.random() < _FROM_DEPOT:
                wanted = goods.only_at_depot(place, region)
                if wanted is not None:
                    basket[DEPOT, wanted] = 1
                    continue
            found = goods.pick(place, region)
            if found is not None and (place, found) not in basket:
                cheap = goods.plan.styles[goods.style_of[found]].price_vnd < _CHEAP_VND
                basket[place, found] = 2 if cheap and left[found] > 1 and throw.random() < 3 * _TWO_OF_ONE else 1
        return basket

    def _priced(self, place: int, basket: dict[tuple[int, int], int]) -> list[Line]:
        prices = self._today.web_prices if place == DEPOT else self._today.store_prices
        style_of = self.goods.style_of
        found = [
            (source, variant, qty, price)
            for (source, variant), qty in basket.items()
            if (price := prices[style_of[variant]]) is not None
        ]
        if not found:
            return []
        vat = vat_shares([qty * price[0] for _, _, qty, price in found], [price[1] for *_, price in found])
        return [
            Line(source, variant, qty, price[0], price[1], vat_vnd)
            for (source, variant, qty, price), vat_vnd in zip(found, vat, strict=True)
        ]

    def _post(
        self, second: int, place: int, customer: int, lines: Sequence[Line], applied: Sequence[dict[str, Any]] = ()
    ) -> None:
        shop, today, throw = self.shops[place], self._today, self._throw
        seller = self._seller(shop, second)
        if seller is None:
            return
        at = f"{today.text} {_CLOCK[second]}"
        sale_id = make_id(throw, today.start_ms + second * 1000 + int(throw.random() * 1000))
        voided_at = self._voided_at(second, lines) if shop.tills else NULL
        is_void = voided_at != NULL
        list_vnd = sum(line.qty * line.unit_vnd for line in lines)
        off_vnd = sum(line.off_vnd for line in lines)
        total_vnd = list_vnd - off_vnd
        self._write_lines(sale_id, lines, seller, shop, at)
        paid, rounding_vnd = self._pay(sale_id, total_vnd, is_web=place == DEPOT, at=at)
        sums = f"{list_vnd}\t{off_vnd}\t{total_vnd}\t{sum(line.vat_vnd for line in lines)}\t{rounding_vnd}"
        self._sale(
            f"{sale_id}\t{seller.head}\t{'void' if is_void else 'posted'}\t{self._customers[customer]}\t"
            f"{sum(line.qty for line in lines)}\t{sums}\t{self._price_version}\t{today.promo_version}\t"
            f"{at}\t{today.text}\t{at}\t{voided_at}"
        )
        if is_void:
            self._void(sale_id, lines, paid, seller, voided_at)
        else:
            self._write_uses(sale_id, customer, applied)
            self._expect_returns(sale_id, place, customer, lines)
        self.sales += 1
        self.lines += len(lines)

    def _seller(self, shop: Shop, second: int) -> Seller | None:
        """Who sells at a second of the day, with the next receipt number of a till; on the web nobody, with the next order.

        None at a closed place, and where every till of a branch belongs to a person by now: the demo leaves them alone.
        """
        if shop.tills:
            till = self._till(shop)
            till.receipt_no += 1
            shift = self._today.on.toordinal() + till.number * 2 + second // _SHIFT_S
            staff = shop.cashiers[shift % len(shop.cashiers)]
            head = f"store\t{shop.id}\t{till.id}\t{till.epoch}\t{till.opening}\t{till.receipt_no}\t"
            return Seller(f"{head}{till.prefix}-{till.receipt_no:07d}\t{staff}", staff, till.id, str(till.epoch))
        if shop.place == DEPOT and shop.id:
            shop.orders += 1
            return Seller(f"web\t{shop.id}" + f"\t{NULL}" * 4 + f"\tW-{shop.orders:08d}\t{NULL}", NULL, NULL, NULL)
        return None

    def _voided_at(self, second: int, lines: Sequence[Line]) -> str:
        """When a sale is voided, minutes later; hardly ever, and never one with a return."""
        if self._throw.random() > _VOIDED or any(line.qty < 0 for line in lines):
            return NULL
        later_s = second + 60 + int(self._throw.random() * 600)
        return f"{self._today.text} {_CLOCK[later_s]}" if later_s < self._today.to_s else NULL

    def _write_lines(self, sale_id: str, lines: Sequence[Line], seller: Seller, shop: Shop, at: str) -> None:
        goods, throw = self.goods, self._throw
        mover = f"{seller.staff}\t{seller.till}\t{seller.epoch}"
        adviser = throw.choice(shop.cashiers) if shop.cashiers and throw.random() < _ADVISED else NULL
        for line_no, (source, variant, qty, unit_vnd, vat_bp, vat_vnd, piece, off_vnd, offers) in enumerate(lines, 1):
            origin = _NEW if piece is None else f"{piece.sale_id}\t{piece.line_no}\t{_why(piece.sale_id, lines)}\tsell"
            source_id, variant_id = self.shops[source].id, goods.ids[variant]
            self._line(
                f"{sale_id}\t{line_no}\t{variant_id}\t{source_id}\t{qty}\t{unit_vnd}\t{off_vnd}\t"
                f"{qty * unit_vnd - off_vnd}\t{vat_bp}\t{vat_vnd}\t{adviser}\t{origin}"
            )
            for no, part in enumerate(offers, 1):
                shares = ",".join(map(str, part.shares))
                head = f"{sale_id}\t{line_no}\t{no}\tpromotion\t{part.vnd}"
                self._discount(f"{head}\t{part.promotion_id}\t{part.version}\t{{{shares}}}")
            kind = "sale" if qty > 0 else "return"
            self._ledger(f"{source_id}\t{variant_id}\t{-qty}\t{kind}\t{sale_id}\t{mover}\t{at}\t{at}")
            if qty > 0:
                goods.take(source, variant, qty)
            else:
                goods.put(source, variant, -qty)

    def _write_uses(self, sale_id: str, customer: int, applied: Sequence[dict[str, Any]]) -> None:
        for row in applied:
            taken = f"{row['uses']}\t{row['pieces']}\t{row['amount_vnd']}"
            self._use(f"{sale_id}\t{row['promotion_id']}\t{row['version']}\t{self._customers[customer]}\t{taken}")
        if applied:
            self._offering.count(applied, customer)

    def _pay(self, sale_id: str, total_vnd: int, *, is_web: bool, at: str) -> tuple[str, int]:
        """Write the tender; answers its kind and amount, for a void to take back, and what cash is rounded by."""
        if total_vnd == 0:
            return "", 0
        throw = self._throw
        at_random = throw.random()
        given, reference = f"{NULL}\t{NULL}", NULL
        if is_web:
            kind = "transfer" if total_vnd < 0 or at_random < 0.35 else "card" if at_random < 0.55 else "cod"  # noqa: PLR2004
        else:
            kind = "cash" if at_random < 0.36 else "card" if at_random < 0.62 else "transfer"  # noqa: PLR2004 - habits
        rounding_vnd = cash_rounding(total_vnd, other_vnd=0, by_cash=kind == "cash", step_vnd=_NOTE_VND)
        paid_vnd = total_vnd + rounding_vnd
        if kind == "cash" and total_vnd > 0:
            step_vnd = throw.choice((_NOTE_VND, _NOTE_VND, 50_000, 100_000, 100_000, 500_000))
            change_vnd = -paid_vnd % step_vnd
            given = f"{paid_vnd + change_vnd}\t{change_vnd}"
        elif kind == "transfer":
            reference = f"FT{throw.getrandbits(40):013d}"
        elif kind == "card":
            reference = f"{throw.getrandbits(20) % 1_000_000:06d}"
        self._payment(f"{sale_id}\t1\t{kind}\t{paid_vnd}\t{given}\t{reference}\t{at}")
        return f"{sale_id}\t2\t{kind}\t{-paid_vnd}\t{NULL}\t{NULL}\t{reference}", rounding_vnd

    def _void(self, sale_id: str, lines: Sequence[Line], paid: str, seller: Seller, at: str) -> None:
        """Undo a sale; its goods are sold again from tomorrow, so that nobody has them before they are back."""
        if paid:
            self._payment(f"{paid}\t{at}")
        tail = f"void\t{sale_id}\t{seller.staff}\t{seller.till}\t{seller.epoch}\t{at}\t{at}"
        for line in lines:
            self._ledger(f"{self.shops[line.source].id}\t{self.goods.ids[line.variant]}\t{line.qty}\t{tail}")
            self._today.back.append((line.source, line.variant, line.qty))
        facts = json.dumps({"reason": self._throw.choice(_VOID_REASONS)}, ensure_ascii=False)
        self._timeline(f"{sale_id}\t{at}\tvoided\t{seller.staff}\t{seller.till}\t{facts}")

    def _expect_returns(self, sale_id: str, place: int, customer: int, lines: Sequence[Line]) -> None:
        """Some pieces come back within four weeks, each once; never the day the shops are closed."""
        for line_no, line in enumerate(lines, 1):
            if line.qty < 0 or self._throw.random() > _RETURNED or line.off_vnd:
                continue
            away = 1 + min(int(self._throw.expovariate(0.2)), _LATEST_RETURN)
            day = date.fromordinal(self._today.on.toordinal() + away)
            while not self._is_open(day):
                day = date.fromordinal(day.toordinal() + 1)
            vat_vnd = split(line.vat_vnd, [1] * line.qty)[0]
            piece = Piece(place, line.source, customer, sale_id, line_no, line.variant, line.unit_vnd, line.vat_bp, vat_vnd)
            self.due.setdefault(day.toordinal(), []).append(piece)

    def _till(self, shop: Shop) -> Till:
        """One of the tills that a day so busy needs; the first customer opens it."""
        needed = min(1 + self._today.busy.get(shop.place, 0) // 8, len(shop.tills))
        till = shop.tills[int(self._throw.random() * needed)]
        if not till.is_open:
            till.is_open = True
            till.opening += 1
        return till

    def _close_tills(self) -> None:
        """Every till that sold was opened before the doors and signed off after them, or at the last minute told."""
        today = self._today
        for shop in self.shops:
            hours = hours_of(shop.place)
            closes_s = min(hours.closes_s + OPEN_EARLIER_S, today.to_s, DAY_S - 1)
            opens_s = max(hours.opens_s - OPEN_EARLIER_S, today.from_s)
            for till in shop.tills:
                if till.is_open:
                    till.is_open = False
                    self._opening(
                        f"{till.id}\t{till.opening}\t{shop.id}\t{till.epoch}\tclosed\t{today.text} {_CLOCK[opens_s]}\t"
                        f"{today.text} {_CLOCK[closes_s]}\tsigned_off"
                    )


def _why(sale_id: str, lines: Sequence[Line]) -> str:
    """Why a piece of a sale comes back: by its id, so that the dice of other things fall as ever."""
    return (_WHY_SWAPPED if len(lines) > 1 else _WHY_BACK)[int(sale_id[-1], 16) % 4]


assert len(PLACES) <= PLACE_MASK + 1, "a visit keeps a place in four bits"
