"""What stock may say no to: one class per code, each with a sentence that says what to do."""

from placket.core.refusals import Refusal


class OutOfStock(Refusal):
    """Less is free to promise than was asked; nothing was promised."""

    code = "out_of_stock"
    vi = "Không đủ hàng để giữ: cần {asked}, còn {free}."
    en = "Not enough stock to promise: {asked} asked, {free} free."


class NeedsWord(Refusal):
    """A branch with tills promises only with its tills' word."""

    code = "needs_word"
    vi = "Chi nhánh có quầy chưa nhận giữ hàng từ xa. Chọn kho."
    en = "A branch with tills does not take remote promises yet. Choose a depot."


class PromiseIdReused(Refusal):
    """Another promise was made under this id."""

    code = "promise_id_reused"
    vi = "Mã giữ hàng này đã dùng cho một yêu cầu khác."
    en = "This promise id belongs to a different request."


class WouldBreakPromise(Refusal):
    """Taking this many away would leave fewer pieces than are promised."""

    code = "would_break_promise"
    vi = "Không điều chỉnh được: sổ còn {on_hand}, đang giữ {promised}."
    en = "Cannot adjust: {on_hand} on hand, {promised} promised."


class DocumentIdReused(Refusal):
    """Another document was posted under this id."""

    code = "document_id_reused"
    vi = "Mã chứng từ này đã dùng cho một chứng từ khác."
    en = "This document id belongs to a different document."


class UnknownGoods(Refusal):
    """There is no such variant."""

    code = "unknown_variant"
    vi = "Không có mặt hàng này trong danh mục."
    en = "The catalogue has no such item."


class OpeningPassed(Refusal):
    """The till has opened later than this already."""

    code = "opening_passed"
    vi = "Máy đã mở phiên {last_opening}. Tải lại trang bán hàng."
    en = "The till has opened {last_opening} already. Reload the till."
