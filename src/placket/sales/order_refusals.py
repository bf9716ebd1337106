"""What an online order may say no to: one class per code, each with a sentence that says what to do."""

from placket.core.refusals import Refusal


class OrderIdReused(Refusal):
    """Another order was made under this id."""

    code = "order_id_reused"
    vi = "Mã đơn này đã dùng cho một giỏ hàng khác. Tải lại trang thanh toán."
    en = "This order id belongs to another cart. Load the checkout again."


class OutOfReach(Refusal):
    """What was asked for is not free at any place that may serve it."""

    code = "out_of_stock"
    vi = "Một vài món vừa hết. Xem lại giỏ hàng."
    en = "Something has just sold out. Look at your cart again."


class OrderPriceChanged(Refusal):
    """The total is another than the client expects."""

    code = "price_changed"
    vi = "Giá vừa thay đổi, tổng mới là {total_vnd} ₫. Xem lại trước khi thanh toán."
    en = "A price has changed; the new total is {total_vnd} ₫. Look again before you pay."


class HoldOver(Refusal):
    """The goods are held no longer."""

    code = "hold_over"
    vi = "Đã hết thời gian giữ hàng. Chưa trừ tiền. Đặt lại từ giỏ hàng."
    en = "The goods are no longer held. Nothing was charged. Order again from your cart."


class NoMoreExtensions(Refusal):
    """An order is held for forty minutes at most."""

    code = "no_more_extensions"
    vi = "Đơn này đã gia hạn hết số lần cho phép."
    en = "This order cannot be held any longer."


class NotHeld(Refusal):
    """The places have not all promised yet."""

    code = "not_held"
    vi = "Đang chờ cửa hàng xác nhận giữ hàng. Thử lại sau giây lát."
    en = "We are waiting for the shop to confirm. Try again in a moment."


class PaymentUnderWay(Refusal):
    """The last attempt has not ended yet: a second one could charge twice."""

    code = "payment_under_way"
    vi = "Lần thanh toán trước chưa kết thúc. Chờ kết quả hoặc hủy ở trang thanh toán."
    en = "The last payment has not ended yet. Wait for its result, or cancel it on the payment page."


class MethodNotOffered(Refusal):
    """This order cannot be paid so."""

    code = "method_not_offered"
    vi = "Không dùng được cách thanh toán này cho đơn. Chọn cách khác."
    en = "This order cannot be paid that way. Choose another."


class AddressNeeded(Refusal):
    """What is shipped needs somewhere to go, in a province that exists."""

    code = "address_needed"
    status = 422
    vi = "Cần địa chỉ giao hàng: tỉnh thành, phường xã, số nhà."
    en = "An address is needed: province, ward and street."


class TooLateToCancel(Refusal):
    """Something of the order has been picked or has left."""

    code = "too_late_to_cancel"
    vi = "Đơn đã soạn hoặc đã giao, không hủy được nữa. Bạn vẫn có thể trả hàng."
    en = "The order is packed or on its way and cannot be cancelled. You can still return it."


class OrderState(Refusal):
    """The order is not where this step begins."""

    code = "order_state"
    vi = "Đơn {code} đang ở trạng thái {state}, không làm được việc này."
    en = "Order {code} is {state}; this step does not apply."


class NotAllPicked(Refusal):
    """Something of the order is not in a bag yet."""

    code = "not_all_picked"
    vi = "Còn {left} món chưa soạn."
    en = "{left} items are not picked yet."


class NothingToHandOver(Refusal):
    """Nothing of this order is ready here."""

    code = "nothing_to_hand_over"
    vi = "Không có món nào của đơn này sẵn sàng ở đây."
    en = "Nothing of this order is ready here."


class CarrierNeeded(Refusal):
    """No carrier is connected, and none was named."""

    code = "carrier_needed"
    vi = "Chưa kết nối hãng vận chuyển nào. Nhập hãng và mã vận đơn."
    en = "No carrier is connected. Enter carrier and tracking number."


class WrongCode(Refusal):
    """The code belongs to another order, or to another branch."""

    code = "wrong_code"
    vi = "Mã nhận hàng không khớp với đơn này."
    en = "The pick-up code does not belong to this order."
