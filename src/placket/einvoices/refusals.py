"""What e-invoices refuse."""

from placket.core.refusals import Refusal


class NotRejected(Refusal):
    """Only a document that the authority has rejected is written anew."""

    code = "einvoice_not_rejected"
    vi = "Hóa đơn này không bị từ chối nên không thay thế được. Sai sót khác thì điều chỉnh bằng trả hàng."
    en = "This invoice was not rejected, so it is not replaced. Other mistakes are adjusted by a return."


class TaxCodeInvalid(Refusal):
    """The digits of a tax code do not check."""

    code = "tax_code_invalid"
    status = 422
    vi = "Mã số thuế không đúng. Nhập 10 số, hoặc 10 số kèm -001 nếu là chi nhánh."
    en = "The tax code is not valid: ten digits, or ten digits and -001 for a branch."


class BuyerTooLate(Refusal):
    """The document was made, or the day is over."""

    code = "buyer_too_late"
    vi = "Đã hết giờ nhận thông tin công ty cho phiếu này: hóa đơn đã phát hành cho người tiêu dùng."
    en = "The time to give a company for this receipt is over: its invoice is issued to a consumer."


class TermsPast(Refusal):
    """Terms begin on a day that has begun, or under which something was issued."""

    code = "einvoice_terms_past"
    vi = "Quy định mới chỉ áp dụng từ ngày mai trở đi."
    en = "New terms can begin tomorrow at the earliest."
