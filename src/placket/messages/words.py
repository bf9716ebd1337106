"""What messages say, Vietnamese first, and how they look: plain words, a page for mail, a line for SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from typing import Any, Final

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined

from placket import identity
from placket.core import clock
from placket.core.money import dotted
from placket.messages import rules
from placket.messages.models import Message
from placket.messages.ways import Letter


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a kind of message: subject, heading, what it says first, and all of it in one line for an SMS."""

    subject: str
    heading: str
    lead: str
    line: str


KINDS: Final[Mapping[str, tuple[Said, Said]]] = {
    "order_placed": (
        Said(
            "Đã nhận đơn {code}",
            "Cảm ơn bạn, chúng tôi đã nhận đơn",
            "{paid} {next}",
            "{company}: đã nhận đơn {code}, {total}. {next}",
        ),
        Said(
            "We have your order {code}",
            "Thank you, we have your order",
            "{paid} {next}",
            "{company}: we have your order {code}, {total}. {next}",
        ),
    ),
    "order_ready": (
        Said(
            "Đơn {code} đã sẵn sàng ở {place}",
            "Hàng của bạn đã sẵn sàng",
            "Mời bạn ghé {place} trước {until}. Đưa mã dưới đây cho thu ngân, hàng đã ở sẵn trong túi.",
            "{company}: đơn {code} đã sẵn sàng ở {place}, giữ đến {until}. Mã nhận hàng {pick_up_code}",
        ),
        Said(
            "Order {code} is ready at {place}",
            "Your order is ready",
            "Come to {place} by {until}. Show the code below at the till; your things wait in a bag.",
            "{company}: order {code} is ready at {place}, kept until {until}. Pick-up code {pick_up_code}",
        ),
    ),
    "order_shipped": (
        Said(
            "Đơn {code} đã lên đường",
            "Hàng của bạn đã lên đường",
            "{carrier} đang giao kiện hàng đến bạn.{due}",
            "{company}: đơn {code} đã giao cho {carrier}{tracking}.{due}",
        ),
        Said(
            "Order {code} is on its way",
            "Your order is on its way",
            "{carrier} is bringing your parcel.{due}",
            "{company}: order {code} is with {carrier}{tracking}.{due}",
        ),
    ),
    "order_delivered": (
        Said(
            "Đơn {code} đã giao",
            "Kiện hàng đã đến tay bạn",
            "{carrier} đã giao kiện hàng. Nếu không vừa ý, bạn trả được ở cửa hàng bất kỳ hoặc qua bưu tá.",
            "{company}: đơn {code} đã giao. Đổi trả ở cửa hàng bất kỳ hoặc trong tài khoản.",
        ),
        Said(
            "Order {code} has arrived",
            "Your parcel has arrived",
            "{carrier} has delivered your parcel. If something is not right, return it at any store or by courier.",
            "{company}: order {code} has arrived. Returns at any store or in your account.",
        ),
    ),
    "order_not_met": (
        Said(
            "Chưa giao được đơn {code}",
            "Người giao chưa gặp được bạn",
            "{carrier} sẽ giao lại. Giữ máy để người giao gọi cho bạn.",
            "{company}: {carrier} chưa giao được đơn {code} và sẽ giao lại. Bạn giữ máy nhé.",
        ),
        Said(
            "Order {code} could not be delivered yet",
            "The courier did not meet you",
            "{carrier} will try again. Please keep your phone at hand.",
            "{company}: {carrier} could not deliver order {code} and will try again.",
        ),
    ),
    "return_booked": (
        Said(
            "Bưu tá sẽ đến lấy kiện trả {code}",
            "Bưu tá sẽ đến lấy hàng",
            "{carrier} sẽ đến lấy kiện của bạn. Gói hàng còn tem mác, bưu tá mang nhãn theo. Miễn phí.",
            "{company}: {carrier} sẽ đến lấy kiện trả {code}{tracking}. Miễn phí.",
        ),
        Said(
            "The courier comes for return {code}",
            "The courier comes for your parcel",
            "{carrier} comes for your parcel. Pack the goods with their tags; the courier brings the label. It is free.",
            "{company}: {carrier} comes for return {code}{tracking}. It is free.",
        ),
    ),
    "return_done": (
        Said(
            "Đã nhận hàng trả {code}, hoàn {amount}",
            "Chúng tôi đã nhận hàng trả",
            "Hoàn {amount} {by_form}",
            "{company}: đã nhận hàng trả {code}. Hoàn {amount} {by_form}",
        ),
        Said(
            "Return {code} has arrived: {amount} goes back",
            "Your return has arrived",
            "{amount} goes back {by_form}",
            "{company}: return {code} has arrived. {amount} goes back {by_form}",
        ),
    ),
    "order_short": (
        Said(
            "Một món trong đơn {code} không còn",
            "Rất tiếc, một món không còn nữa",
            "Chúng tôi đã tìm ở mọi nơi mà không thấy món này.{back}",
            "{company}: rất tiếc, một món của đơn {code} không còn.{back}",
        ),
        Said(
            "A piece of order {code} is not there",
            "We are sorry: a piece is not there",
            "We looked for this everywhere and did not find it.{back}",
            "{company}: we are sorry, a piece of order {code} is not there.{back}",
        ),
    ),
    "sending_nowhere": (
        Said(
            "Một món bạn mua ({code}) không còn",
            "Rất tiếc, một món bạn đã mua không còn nữa",
            "Chúng tôi đã tìm ở mọi nơi mà không thấy món này. {place} sẽ hoàn tiền: mời bạn ghé hoặc gọi.",
            "{company}: rất tiếc, một món của hóa đơn {code} không còn. {place} sẽ hoàn tiền, mời bạn ghé hoặc gọi.",
        ),
        Said(
            "Something you bought ({code}) is not there",
            "We are sorry: something you bought is not there",
            "We looked for this everywhere and did not find it. {place} gives your money back: please call or come.",
            "{company}: we are sorry, a piece of {code} is not there. {place} gives your money back, please call or come.",
        ),
    ),
    "sending_refunded": (
        Said(
            "Hoàn {amount} cho hóa đơn {code}",
            "Tiền của món không còn đang về với bạn",
            "Hoàn {amount} {by_form}",
            "{company}: hoàn {amount} cho hóa đơn {code} {by_form}",
        ),
        Said(
            "{amount} of receipt {code} goes back",
            "The money for what was not there goes back",
            "{amount} goes back {by_form}",
            "{company}: {amount} of receipt {code} goes back {by_form}",
        ),
    ),
    "order_cancelled": (
        Said(
            "Đơn {code} đã hủy",
            "Đơn hàng đã hủy",
            "{why}{all_back}",
            "{company}: đơn {code} đã hủy.{all_back}",
        ),
        Said(
            "Order {code} is cancelled",
            "Your order is cancelled",
            "{why}{all_back}",
            "{company}: order {code} is cancelled.{all_back}",
        ),
    ),
    "order_refunded": (
        Said(
            "Đã hoàn {amount} cho đơn {code}",
            "Tiền đã được hoàn",
            "Chúng tôi đã hoàn {amount}. Ngân hàng của bạn có thể cần vài ngày để ghi vào thẻ.",
            "{company}: đã hoàn {amount} cho đơn {code}. Ngân hàng có thể cần vài ngày để ghi có.",
        ),
        Said(
            "We have refunded {amount} of order {code}",
            "Your money is on its way back",
            "We have refunded {amount}. Your bank may take some days to show it.",
            "{company}: {amount} of order {code} is refunded. Your bank may take some days to show it.",
        ),
    ),
    "report_pack": (
        Said("{pack}: {period}", "{pack}", "{period}. {sentence}", "{company}: {pack}, {period}. {sentence}"),
        Said("{pack}: {period}", "{pack}", "{period}. {sentence}", "{company}: {pack}, {period}. {sentence}"),
    ),
    "sign_in_code": (
        Said(
            "Mã đăng nhập {company}",
            "Mã đăng nhập của bạn",
            "{code} là mã đăng nhập {company}, dùng trong 10 phút. Không đưa mã này cho ai, kể cả nhân viên.",
            "{code} là mã đăng nhập {company}, dùng trong 10 phút. Không đưa mã này cho ai, kể cả nhân viên.",
        ),
        Said(
            "Your sign-in code for {company}",
            "Your sign-in code",
            "{code} is your sign-in code for {company}, good for 10 minutes. Give it to nobody, our staff included.",
            "{code} is your sign-in code for {company}, good for 10 minutes. Give it to nobody, our staff included.",
        ),
    ),
    "opted_out": (
        Said(
            "Đã ngừng gửi tin quảng cáo",
            "Bạn sẽ không nhận tin quảng cáo nữa",
            "Chúng tôi đã ngừng gửi quảng cáo theo yêu cầu của bạn. Tin về đơn hàng của bạn vẫn được gửi.",
            "{company}: da ngung gui quang cao theo yeu cau cua ban. Tin ve don hang van duoc gui.",
        ),
        Said(
            "No more advertising",
            "You will get no more advertising",
            "We have stopped sending you advertising, as you asked. News of your orders still comes.",
            "{company}: we have stopped sending you advertising, as you asked. News of your orders still comes.",
        ),
    ),
}

PARTS: Final[Mapping[str, tuple[str, str]]] = {
    "paid_card": ("Bạn đã trả {total} bằng thẻ.", "You have paid {total} by card."),
    "paid_transfer": ("Bạn đã chuyển khoản {total}.", "You have transferred {total}."),
    "paid_cod": ("Bạn trả {total} khi nhận hàng.", "You pay {total} on delivery."),
    "paid_none": ("Đơn này không phải trả thêm.", "There is nothing to pay."),
    "next_ship": ("Chúng tôi sẽ báo khi hàng lên đường.", "We will tell you when it is on its way."),
    "next_collect": ("Chúng tôi sẽ báo khi hàng sẵn sàng ở {place}.", "We will tell you when it is ready at {place}."),
    "due": (" Bạn trả {due_amount} cho người giao.", " You pay {due_amount} to the courier."),
    "back": (" Chúng tôi đang hoàn {amount}.", " We are giving {amount} back."),
    "all_back": (" Số tiền bạn đã trả đang được hoàn lại.", " What you have paid is on its way back."),
    "why_cancelled": ("Đơn đã được hủy theo yêu cầu.", "It was cancelled as asked."),
    "why_no_show": ("Đã quá hạn đến nhận hàng.", "Nobody came for it in time."),
    "why_short": ("Hàng không còn ở nơi nào.", "The goods are nowhere to be found."),
    "by_card": ("vào thẻ bạn đã trả. Ngân hàng có thể cần vài ngày.", "to your card. Your bank may take some days."),
    "by_transfer": ("vào tài khoản bạn đã ghi.", "to the account you named."),
    "by_store_credit": ("vào tín dụng cửa hàng, dùng được ngay.", "as store credit, good at once."),
    "by_cod": ("không cần, vì bạn chưa trả tiền.", "to nobody, since nothing was paid."),
    "goods": ("Hàng", "Goods"),
    "sum": ("Tổng", "Total"),
    "to": ("Giao đến", "Delivered to"),
    "at": ("Nhận tại", "Collect at"),
    "tracking_no": ("Mã vận đơn", "Tracking number"),
    "see": ("Xem đơn hàng", "See your order"),
    "pick_up": ("Mã nhận hàng", "Pick-up code"),
    "see_report": ("Mở báo cáo", "Open the reports"),
    "more_rows": ("… và {n} dòng nữa trong tệp đính kèm.", "… and {n} more rows in the files."),
    "report_footer": (
        "Bạn nhận thư này vì có tên trong danh sách nhận báo cáo. Số liệu đầy đủ ở các tệp đính kèm.",
        "You get this because you are on the list of the report. All figures are in the files.",
    ),
    "voucher": ("Mã ưu đãi của riêng bạn", "Your own voucher"),
    "voucher_until": ("Dùng đến", "Good until"),
    "voucher_how": ("Đưa mã cho thu ngân hoặc nhập khi mua trên web.", "Show it at the till, or enter it on the web."),
    "suggested": ("Gợi ý riêng cho bạn", "Chosen for you"),
    "size": ("cỡ", "size"),
    "left_at": ("còn ở", "left at"),
    "because": ("vì bạn đã mua", "because you bought"),
    "advertising": (
        "Bạn nhận thư này vì đã đồng ý nhận tin quảng cáo của chúng tôi.",
        "You get this letter because you agreed to our advertising.",
    ),
    "opt_out": ("Ngừng nhận", "Unsubscribe"),
    "opt_out_sms": ("Tu choi", "Stop"),
    "opt_out_zalo": ("Từ chối nhận tin", "To stop these messages"),
    "footer": (
        "Thư này nói về đơn hàng của bạn, không phải quảng cáo.",
        "This letter is about your order and is not advertising.",
    ),
}


PAGES: Final[Mapping[str, str]] = {"report_pack": "report"}
"""The pages of the kinds that do not look like a letter."""

SHOWN: Final = ("pick_up_code", "tracking_no", "place", "lines", "total_vnd", "address", "url")


@cache
def pages() -> Environment:
    """The templates; a word that is missing is an error, not a gap."""
    return Environment(
        loader=PackageLoader("placket.messages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


def letter_of(message: Message, *, company: identity.Company | None) -> Letter:
    """A message as it is sent: filled with its facts, in its language."""
    name = "Placket" if company is None else company.name
    told = filled(message.language, message.facts, company=name)
    said = KINDS[message.kind][_place(message.language)]
    subject = said.subject.format_map(told)
    if message.channel != "email":
        line = said.line.format_map(told)
        text = rules.cut(rules.plain(line)) if message.channel == "sms" else line
        return Letter(message.id, message.address, name, subject, text)
    facts, page = message.facts, PAGES.get(message.kind, "letter")
    picture = code_picture(facts["pick_up_code"]) if facts.get("pick_up_code") else None
    shown = {
        "language": message.language,
        "company": name,
        "company_line": house_line(company),
        "heading": said.heading.format_map(told),
        "lead": said.lead.format_map(told).strip(),
        "facts": dict.fromkeys(SHOWN) | facts,
        "t": lambda part: word_of(part, message.language),
        "vnd": vnd,
        "digits": digits,
        "word": lambda pair: pair[message.language],
        "has_picture": picture is not None,
    }
    return Letter(
        message.id,
        message.address,
        name,
        subject,
        text=pages().get_template(f"{page}.txt").render(shown),
        html=pages().get_template(f"{page}.html").render(shown),
        pictures={} if picture is None else {"code.png": picture},
    )


def filled(language: str, facts: Mapping[str, Any], *, company: str) -> dict[str, str]:
    """What the words' gaps are filled with: facts as people read them."""
    told = {name: str(fact) for name, fact in facts.items() if isinstance(fact, str | int)}
    told |= {"company": company, "code": str(facts.get("code", ""))}
    told["total"] = vnd(facts.get("total_vnd", 0))
    told["amount"] = vnd(facts.get("amount_vnd", 0))
    told["due_amount"] = vnd(facts.get("due_vnd", 0))
    told["place"] = facts.get("place", {}).get("name", "")
    if "until" in facts:
        told["until"] = _moment(facts["until"], language)
    tracking_no = facts.get("tracking_no")
    told["tracking"] = f" ({tracking_no})" if tracking_no else ""
    told["carrier"] = facts.get("carrier") or ("Đơn vị vận chuyển" if language == "vi" else "The carrier")
    names = {"paid": f"paid_{facts.get('method') or 'none'}", "next": f"next_{facts.get('way', 'ship')}"}
    for name in ("due", "back"):
        names |= {name: name} if facts.get({"due": "due_vnd", "back": "amount_vnd"}[name]) else {}
    names |= {"all_back": "all_back"} if facts.get("is_paid") else {}
    names |= {"why": f"why_{facts['reason']}"} if f"why_{facts.get('reason')}" in PARTS else {}
    names |= {"by_form": f"by_{facts['form']}"} if "form" in facts else {}
    told |= dict.fromkeys(("due", "back", "all_back", "why", "by_form"), "")
    return told | {name: word_of(part, language).format_map(told) for name, part in names.items()}


def vnd(amount_vnd: int) -> str:
    """``1.752.000 ₫``, never broken over two lines."""
    return f"{dotted(amount_vnd)}\N{NO-BREAK SPACE}₫"


def digits(code: str) -> str:
    """A code as people read it aloud: in fours."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def word_of(part: str, language: str) -> str:
    """A part of a letter in its language."""
    return PARTS[part][_place(language)]


def _place(language: str) -> int:
    return 1 if language == "en" else 0


def _moment(told: str, language: str) -> str:
    at = datetime.fromisoformat(told).astimezone(clock.VIETNAM)
    return f"{at:%H:%M} {'ngày ' if language == 'vi' else 'on '}{at:%d/%m}"


def house_line(company: identity.Company | None) -> str:
    """The company with its address, as it stands under a letter."""
    return "" if company is None else " · ".join(filter(None, [company.name, company.address, company.phone]))


def code_picture(code: str) -> bytes:
    """A code as scanners read it."""
    picture = BytesIO()
    segno.make_qr(code, error="m").save(picture, kind="png", scale=8, border=2, dark="#1b1714", light="#ffffff")
    return picture.getvalue()
