"""The words of the shop's pages, Vietnamese first. Lists only; what the app in the page says stands in web/apps/shop."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "skip": ("Đến nội dung", "Skip to content"),
    "menu": ("Mở danh mục", "Open the menu"),
    "main_menu": ("Đi nhanh", "Main menu"),
    "categories": ("Danh mục", "Categories"),
    "search": ("Tìm kiếm", "Search"),
    "account": ("Tài khoản", "Account"),
    "cart": ("Giỏ hàng", "Cart"),
    "checkout": ("Thanh toán", "Checkout"),
    "order": ("Đơn hàng", "Order"),
    "home": ("Trang chủ", "Home"),
    "my_card": ("Thẻ của tôi", "My card"),
    "stores": ("Cửa hàng", "Stores"),
    "help": ("Hỗ trợ và đổi trả", "Help and returns"),
    "all_stores": ("Hệ thống {n} cửa hàng", "All {n} stores"),
    "about_us": ("Về chúng tôi", "About us"),
    "about": ("Về {company}", "About {company}"),
    "tax_code": ("MST {code}", "Tax code {code}"),
    "welcome": ("Chào bạn đến với {company}", "Welcome to {company}"),
    "collection": ("Bộ sưu tập {season}", "{season} collection"),
    "see_new": ("Xem {n} kiểu", "See {n} styles"),
    "by_kind": ("Mua theo loại", "Shop by kind"),
    "new_in": ("Mới về", "New in"),
    "see_all": ("Xem tất cả", "See all"),
    "see_all_n": ("Tất cả {n}", "All {n}"),
    "reduced": ("Đang giảm giá", "Now reduced"),
    "store_near": ("Cửa hàng gần bạn", "A store near you"),
    "goods_here": ("Xem hàng ở đây", "Goods in this store"),
    "read_story": ("Đọc câu chuyện", "Read the story"),
    "returns_days": ("Đổi trả {n} ngày", "{n} days to return"),
    "returns_anywhere": (
        "Mua trên web, trả ở cửa hàng, và ngược lại.",
        "Buy online, return in a store, and the other way round.",
    ),
    "collect": ("Nhận tại cửa hàng", "Collect in a store"),
    "collect_how": (
        "Ở cả {n} cửa hàng, khi chiếc của bạn đã được giữ.",
        "In all {n} stores, once your piece is held for you.",
    ),
    "one_card": ("Một thẻ cho mọi nơi", "One card everywhere"),
    "one_card_how": (
        "Điểm và voucher dùng chung cho cửa hàng, web và app.",
        "Points and vouchers in stores, online and in the app.",
    ),
    "until": ("đến {time}", "until {time}"),
    "flash_left": ("còn {n} suất", "{n} pieces left"),
    "by_our_clock": ("theo giờ của cửa hàng", "by the shop's clock"),
    "buy_now": ("Mua ngay", "Buy now"),
    "was": ("giá trước", "was"),
    "sold_out": ("Hết hàng", "Sold out"),
    "last_one": ("Chỉ còn 1 · cỡ {size}", "Only 1 left · {size}"),
    "one_size": ("Một cỡ", "One size"),
    "sizes_left": ("Còn {sizes}", "{sizes}"),
    "colours": ("{n} màu", "{n} colours"),
    "you_are_here": ("Bạn đang ở", "You are here"),
    "everything": ("Tất cả sản phẩm", "Everything"),
    "styles": ("{n} kiểu", "{n} styles"),
    "filter": ("Lọc và sắp xếp", "Filter and sort"),
    "chosen": ("Đang lọc theo", "Chosen"),
    "remove": ("Bỏ {what}", "Remove {what}"),
    "clear": ("Bỏ hết", "Clear all"),
    "close": ("Đóng", "Close"),
    "sort": ("Sắp xếp", "Sort by"),
    "sort_new": ("Mới nhất", "Newest"),
    "sort_discount": ("Giảm nhiều nhất", "Biggest reduction"),
    "sort_price": ("Giá thấp trước", "Price, low to high"),
    "sort_price_desc": ("Giá cao trước", "Price, high to low"),
    "by_size": ("Cỡ", "Size"),
    "by_colour": ("Màu", "Colour"),
    "by_price": ("Giá", "Price"),
    "by_occasion": ("Dịp", "Occasion"),
    "by_branch": ("Còn ở cửa hàng", "In store"),
    "any": ("Tất cả", "Any"),
    "any_branch": ("Cửa hàng nào cũng được", "Any store"),
    "price_from": ("Từ", "From"),
    "price_to": ("Đến", "To"),
    "from_price": ("Từ {price}", "From {price}"),
    "to_price": ("Đến {price}", "Up to {price}"),
    "only_reduced": ("Chỉ hàng giảm giá", "Only reduced"),
    "sold_out_too": ("Hiện cả hàng đã hết", "Show sold-out goods too"),
    "show_n": ("Xem {n} sản phẩm", "Show {n} styles"),
    "none_match": ("Không có kiểu nào khớp mọi điều kiện. Bỏ bớt một điều kiện:", "No style fits all of these. Remove one:"),
    "pages": ("Các trang", "Pages"),
    "previous": ("Trước", "Previous"),
    "next": ("Sau", "Next"),
    "page_of": ("Trang {n}/{of}", "Page {n} of {of}"),
    "back": ("Quay lại", "Back"),
    "pictures": ("Hình sản phẩm", "Pictures"),
    "picture_n": ("Hình {n}", "Picture {n}"),
    "left_n": ("còn {n}", "{n} left"),
    "needs_script": (
        "Để mua trên web, hãy bật JavaScript; hoặc gọi cửa hàng, chúng tôi giữ hàng cho bạn.",
        "To buy online, switch on JavaScript; or call a store, and we hold it for you.",
    ),
    "add": ("Thêm vào giỏ", "Add to cart"),
    "where_left": ("Còn ở cửa hàng nào", "Which stores have it"),
    "size_guide": ("Số đo theo cỡ", "Size guide"),
    "size_cm": ("Cỡ (cm)", "Size (cm)"),
    "how_to_measure": (
        "Số đo của sản phẩm trải phẳng, tính cả vòng. Đo một món bạn mặc vừa rồi so.",
        "Measured on the garment, all around. Measure something that fits you and compare.",
    ),
    "material_care": ("Chất liệu và chăm sóc", "Material and care"),
    "pay_safely": ("Thanh toán và bảo mật", "Paying safely"),
    "pay_how": (
        (
            "Thẻ quốc tế và nội địa trên trang của đơn vị thanh toán, chuyển khoản VietQR, hoặc tiền mặt khi nhận hàng. "
            "Chúng tôi không thấy và không giữ số thẻ."
        ),
        "Cards on the payment provider's own page, VietQR transfers, or cash on delivery. We never see card numbers.",
    ),
    "goes_with": ("Phối cùng", "Goes with it"),
    "search_what": ("Tên, màu, cỡ hoặc mã", "Name, colour, size or code"),
    "alike": ("Không có kết quả khớp hẳn với “{q}”. Có thể bạn tìm:", "Nothing matches “{q}” exactly. Perhaps:"),
    "nothing_found": (
        "Chưa tìm thấy “{q}”. Thử ít từ hơn, hoặc xem các kiểu dưới đây.",
        "Nothing found for “{q}”. Try fewer words.",
    ),
    "popular": ("Được xem nhiều", "Popular now"),
    "open_daily": ("Mở {from_} – {to}", "Open {from_} – {to}"),
    "open_today": ("Hôm nay mở {from_} – {to}", "Open today {from_} – {to}"),
    "closed_today": ("Hôm nay nghỉ", "Closed today"),
    "bust": ("Ngực", "Bust"),
    "waist": ("Eo", "Waist"),
    "hips": ("Hông", "Hips"),
    "length": ("Dài", "Length"),
    "shoulder": ("Vai", "Shoulder"),
    "sleeve": ("Tay", "Sleeve"),
    "inseam": ("Ống trong", "Inseam"),
    "home_title": ("{company}: thời trang {kinds}", "{company}: {kinds}"),
    "home_says": (
        "{company}: {n} kiểu {kinds}. Giao tận nơi hoặc nhận tại {stores} cửa hàng, đổi trả {days} ngày ở bất kỳ đâu.",
        "{company}: {n} styles of {kinds}. Delivered or collected in {stores} stores, {days} days to return anywhere.",
    ),
    "list_says": (
        "{n} kiểu {kind} của {company}: còn cỡ, còn màu, ở {stores} cửa hàng và trên web.",
        "{n} styles of {kind} by {company}: sizes and colours that are left, in {stores} stores and online.",
    ),
    "product_says": (
        "{name} {colours}, cỡ {sizes}, {price}. Xem còn ở cửa hàng nào, nhận tại cửa hàng hoặc giao tận nơi.",
        "{name} in {colours}, sizes {sizes}, {price}. See which stores have it; collect or have it delivered.",
    ),
    "stores_say": (
        "{n} cửa hàng {company} ở {cities}: địa chỉ, giờ mở cửa, hàng đang có.",
        "{n} {company} stores in {cities}.",
    ),
    "help_say": (
        "Đổi trả, giao hàng, nhận tại cửa hàng và thanh toán ở {company}.",
        "Returns, delivery, collection and payment.",
    ),
    "offline": ("Mất kết nối", "No connection"),
    "offline_how": (
        "Chưa có mạng. Giỏ hàng và thẻ thành viên vẫn mở được; trang sẽ tải lại khi có mạng.",
        "There is no network. Your cart and member card still open; this page reloads when it is back.",
    ),
    "crowded": ("Cửa hàng đang rất đông", "The shop is very busy"),
    "crowded_how": (
        "Trang này tự mở lại sau vài giây. Giỏ hàng và đơn của bạn còn nguyên.",
        "This page opens again by itself in a few seconds. Your cart and your orders are as you left them.",
    ),
    "help_returns": (
        (
            "Hàng còn tem mác được đổi hoặc trả trong {n} ngày, ở bất kỳ cửa hàng nào hoặc gửi về kho, dù bạn mua ở đâu. "
            "Hàng giảm giá có thể có hạn ngắn hơn; hạn của từng món ghi trên đơn của bạn. Tiền về lại đúng cách bạn đã trả."
        ),
        (
            "Goods with their tags come back within {n} days, in any store or by post, wherever they were bought. Reduced "
            "goods may have less time; your order says how long each piece has. Money goes back the way it came."
        ),
    ),
    "help_collect_title": ("Nhận tại cửa hàng", "Collecting in a store"),
    "help_collect": (
        "Chọn cửa hàng khi thanh toán. Hàng được giữ riêng; khi sẵn sàng bạn nhận mã QR, đưa cho thu ngân là xong.",
        "Choose a store at checkout. Your goods are put aside; when they are ready you get a QR code to show there.",
    ),
    "help_pay_title": ("Thanh toán", "Paying"),
    "help_returns_title": ("Đổi trả", "Returns"),
    "not_here": ("Trang này không còn", "This page is gone"),
    "not_here_how": (
        "Có thể kiểu này đã ngừng bán hoặc địa chỉ bị sai. Thử tìm lại, hoặc xem hàng mới về.",
        "The style may be sold no longer, or the address is wrong. Search again, or see what is new.",
    ),
}


def word(key: str, language: str, **facts: object) -> str:
    """A word or sentence in a language, filled with its facts."""
    vi, en = WORDS[key]
    return (en if language == "en" else vi).format(**facts)


def measures() -> tuple[str, ...]:
    """The measures a size guide may have, in the order of its columns."""
    return ("bust", "waist", "hips", "shoulder", "sleeve", "inseam", "length")
