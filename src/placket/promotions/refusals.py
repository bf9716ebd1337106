"""What promotions and vouchers may answer instead of a yes."""

from placket.core.refusals import Refusal


class PromotionMalformed(Refusal):
    """The promotion's terms do not say something that can be priced; ``what`` names the place."""

    code = "promotion_malformed"
    status = 422
    vi = "Khuyến mãi chưa hợp lệ: {what}."
    en = "The promotion is not valid: {what}."


class UnknownGoods(Refusal):
    """The terms name a branch, category, season, style or variant that does not exist."""

    code = "unknown_goods"
    vi = "Khuyến mãi nhắc tới {kind} không còn tồn tại. Hãy chọn lại."
    en = "The promotion names a {kind} that does not exist. Choose again."


class PromotionChanged(Refusal):
    """Somebody has changed the promotion since it was read."""

    code = "promotion_changed"
    vi = "Có người vừa sửa khuyến mãi này. Hãy tải lại rồi sửa tiếp."
    en = "Somebody has just changed this promotion. Reload it and change it again."


class NotLive(Refusal):
    """Only a promotion that runs can be stopped."""

    code = "promotion_not_live"
    vi = "Khuyến mãi này không chạy."
    en = "This promotion does not run."


class NoVoucherPromotion(Refusal):
    """Vouchers open promotions that ask for one, and this one does not or was never published."""

    code = "not_a_voucher_promotion"
    vi = "Khuyến mãi này không dùng voucher hoặc chưa phát hành."
    en = "This promotion takes no voucher, or has not been published."


class BatchIdReused(Refusal):
    """Other vouchers were issued under this id."""

    code = "batch_id_reused"
    vi = "Mã đợt này đã dùng cho đợt voucher khác. Hãy phát hành lại."
    en = "This id belongs to other vouchers. Issue them again."


class UnknownCustomers(Refusal):
    """Personal vouchers are for customers who are known, each named once."""

    code = "unknown_customers"
    vi = "Trong danh sách có khách không còn hồ sơ hoặc bị chọn hai lần. Hãy chọn lại."
    en = "Somebody on the list has no profile any more, or stands there twice. Choose again."


class UnknownVoucher(Refusal):
    """No voucher has this code."""

    code = "unknown_voucher"
    status = 404
    vi = "Không có voucher mã này."
    en = "No voucher has this code."


class VoucherNotUsable(Refusal):
    """The voucher is used, blocked, not valid today, or somebody else's; ``reason`` says which."""

    code = "voucher_not_usable"
    vi = "Voucher không dùng được: {why_vi}."
    en = "The voucher cannot be used: {why_en}."
