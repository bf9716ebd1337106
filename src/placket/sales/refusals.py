"""Why a sale is refused, one class each; the till shows the sentence in place and does what it says."""

from collections.abc import Mapping

from placket.core.refusals import Refusal


class Malformed(Refusal):
    """The request does not have the shape of a sale."""

    code = "malformed"
    status = 422
    vi = "Dữ liệu gửi lên chưa đúng: {what}."
    en = "The request is malformed: {what}."


class OutOfStock(Refusal):
    """Some lines ask for more than is left; ``lines`` says which, what is left, and where else there is some."""

    code = "out_of_stock"
    vi = "Không đủ hàng. Chiếc cuối vừa được bán; xem chi nhánh khác còn hàng ở từng dòng."
    en = "Not enough stock. The last piece has just been sold; each line names where else there is some."


class Amber(Refusal):
    """Promised pieces of a line's variant lie among those on the floor; somebody must look that others are still there."""

    code = "amber"
    vi = "Có hàng đang giữ cho đơn khác. Kiểm tra xem còn chiếc khác không rồi bán."
    en = "Pieces here are promised to other orders. Look whether there are others, then sell."


class PromiseGone(Refusal):
    """A line names a hold that is over, or kept other pieces; ``lines`` says which."""

    code = "promise_gone"
    vi = "Phần hàng giữ này không còn. Bỏ dòng đó rồi quét lại món hàng."
    en = "This hold is over. Remove the line and scan the piece again."


class PriceChanged(Refusal):
    """The till's prices are not those in force; ``quote`` holds the right ones."""

    code = "price_changed"
    vi = "Giá vừa thay đổi. Xem lại tổng tiền trước khi thu."
    en = "Prices have just changed. Check the total before taking money."


class OfferGone(Refusal):
    """A promotion's limit, or a voucher, was used up meanwhile; ``quote`` holds the price without it."""

    code = "offer_gone"
    vi = "Ưu đãi vừa hết lượt hoặc voucher vừa được dùng. Xem lại tổng tiền trước khi thu."
    en = "An offer has just run out, or its voucher has been used. Check the total before taking money."


class TotalsDiffer(Refusal):
    """The tenders do not add up to the total and its rounding."""

    code = "totals_differ"
    vi = "Tiền thu không khớp tổng hóa đơn. Cần {due_vnd} ₫."
    en = "The tenders do not add up to the sale. Due: {due_vnd} ₫."


class ReceiptGap(Refusal):
    """The receipt number is not the next one of this till; hand in what is missing first."""

    code = "receipt_gap"
    vi = "Số phiếu không liền mạch, máy chủ chờ số {expected}."
    en = "Receipt numbers have a gap; the server expects {expected}."


class NotAttached(Refusal):
    """The till has not attached since it opened."""

    code = "not_attached"
    vi = "Máy chưa vào phiên bán hàng. Đăng nhập lại bằng mã PIN."
    en = "The till is not attached. Sign in again with your PIN."


class OpeningEnded(Refusal):
    """The opening the sale belongs to is over."""

    code = "opening_ended"
    vi = "Phiên bán hàng này đã kết thúc. Đăng nhập lại bằng mã PIN."
    en = "This opening has ended. Sign in again with your PIN."


class SaleIdReused(Refusal):
    """Another sale was posted under this id."""

    code = "sale_id_reused"
    vi = "Mã hóa đơn này đã dùng cho một giỏ hàng khác. Tạo đơn mới."
    en = "This sale id belongs to a different cart. Start a new sale."


class SaleVoided(Refusal):
    """The id was voided and will never become a sale."""

    code = "sale_voided"
    vi = "Hóa đơn này đã hủy. Tạo đơn mới."
    en = "This sale was voided. Start a new one."


class WrongSource(Refusal):
    """Goods come from the till's own branch or from a depot, nowhere else."""

    code = "wrong_source"
    vi = "Dòng {line_no}: hàng chỉ lấy từ chi nhánh này hoặc từ kho."
    en = "Line {line_no}: goods come from this branch or a depot only."


class WrongTime(Refusal):
    """The till's clock is wrong."""

    code = "wrong_time"
    vi = "Đồng hồ của máy bị lệch. Chỉnh giờ rồi thử lại."
    en = "The till's clock is wrong. Set it and try again."


class PaymentNotTaken(Refusal):
    """A tender names a payment that this till has not received, not over this amount, or has used already."""

    code = "payment_not_taken"
    vi = "Khoản {amount_vnd} ₫ chưa nhận được, hoặc đã dùng cho hóa đơn khác. Kiểm tra lại cách trả."
    en = "The payment of {amount_vnd} ₫ has not been received, or has paid for another sale. Check how it is paid."


class TransferUnconfirmed(Refusal):
    """A transfer without a payment behind it, by somebody who may not vouch for it."""

    code = "transfer_unconfirmed"
    status = 403
    vi = "Chuyển khoản ghi tay cần người có quyền xác nhận. Dùng mã QR, hoặc nhờ quản lý."
    en = "A transfer written by hand needs somebody who may confirm it. Use the QR code, or ask a manager."


class HoldGone(Refusal):
    """The points or credit are not held for this sale: another sale, customer or amount, or given back."""

    code = "hold_gone"
    vi = "Điểm hoặc tín dụng của hóa đơn này không còn được giữ. Bỏ ra rồi dùng lại."
    en = "The points or credit of this sale are no longer held for it. Take them off and use them again."


class HoldNotNamed(Refusal):
    """A tender of store credit names the hold it spends as its reference."""

    code = "hold_not_named"
    status = 422
    vi = "Tín dụng cửa hàng cần được giữ trước khi thanh toán."
    en = "Store credit must be held before it is spent."


class PointsOverLimit(Refusal):
    """Points pay for a part of a sale only."""

    code = "points_over_limit"
    vi = "Điểm vượt phần được trả bằng điểm của hóa đơn. Dùng ít điểm hơn."
    en = "The points are more than the part of the sale they may pay for. Use fewer."


class ReturnChanged(Refusal):
    """The refund is another one by now: something else of the receipt has come back, or it was reckoned otherwise."""

    code = "return_changed"
    vi = "Tiền hoàn vừa thay đổi vì hóa đơn gốc có thay đổi. Xem lại rồi hoàn."
    en = "The refund has changed because the receipt has. Look at it again before giving the money."


BY_CODE: Mapping[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        OutOfStock,
        Amber,
        PromiseGone,
        OfferGone,
        ReceiptGap,
        NotAttached,
        OpeningEnded,
        SaleIdReused,
        SaleVoided,
        PaymentNotTaken,
        HoldGone,
        PointsOverLimit,
        ReturnChanged,
    )
}
