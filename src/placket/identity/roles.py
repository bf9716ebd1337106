"""The verbs of the business and who may do them: the table that seeds ``role_grant`` and prints docs/roles.md.

After seeding, the database's rows count, not this file: a company may change them. ``placket migrate`` seeds the verbs
that a database has never seen, and never gives back what a company took away.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from placket.core.money import dotted

VERBS: Mapping[str, tuple[str, str]] = {
    "sale.sell": ("Bán hàng", "Sell"),
    "sale.void": ("Hủy hóa đơn", "Void a sale"),
    "sale.read": ("Xem hóa đơn", "Read sales"),
    "sale.discount": ("Giảm giá tay", "Give a discount by hand"),
    "sale.return": ("Nhận trả, đổi hàng", "Take goods back, exchange"),
    "sale.refund": ("Duyệt hoàn ngoài quy định", "Approve a refund beyond the policy"),
    "price.override": ("Sửa đơn giá", "Override a price"),
    "price.write": ("Lập bảng giá", "Keep price lists"),
    "stock.read": ("Xem tồn kho", "Read stock"),
    "stock.ledger": ("Xem sổ kho", "Read the ledger"),
    "stock.reserve": ("Giữ hàng", "Promise stock"),
    "stock.hold": ("Giữ hàng cho khách, ở mọi chi nhánh", "Hold for a customer, at any branch"),
    "stock.pick": ("Soạn và tìm hàng giữ", "Pick, bag and look for promised pieces"),
    "stock.transfer": ("Yêu cầu chuyển hàng", "Ask for transfers"),
    "stock.handle": ("Soạn, xuất và nhận hàng", "Pick, ship and receive goods"),
    "purchase.read": ("Xem đơn đặt và giá vốn", "Read orders and costs"),
    "purchase.write": ("Đặt hàng, ghi giá vốn", "Order goods and enter costs"),
    "stock.adjust": ("Điều chỉnh tồn", "Adjust stock"),
    "stock.count": ("Đếm hàng khi kiểm kê", "Count goods"),
    "count.plan": ("Lập và rà soát kiểm kê", "Plan and review counts"),
    "count.approve": ("Duyệt chênh lệch kiểm kê", "Approve the differences of counts"),
    "catalog.read": ("Xem danh mục", "Read the catalogue"),
    "catalog.write": ("Sửa danh mục", "Change the catalogue"),
    "catalog.import": ("Nhập danh mục từ tệp", "Import the catalogue"),
    "customer.read": ("Xem khách hàng", "Read customers"),
    "customer.write": ("Sửa khách hàng", "Change customers"),
    "segment.read": ("Xem nhóm khách và RFM", "Read groups of customers"),
    "segment.write": ("Lập nhóm khách", "Make groups of customers"),
    "loyalty.write": ("Đặt quy định điểm và hạng", "Set the rules of points and tiers"),
    "promotion.read": ("Xem khuyến mãi", "Read promotions"),
    "promotion.write": ("Lập và phát hành khuyến mãi", "Make and publish promotions"),
    "campaign.read": ("Xem chiến dịch", "Read campaigns"),
    "campaign.write": ("Soạn chiến dịch, đặt giờ yên tĩnh", "Write campaigns, set quiet hours"),
    "campaign.send": ("Gửi, tạm dừng, hủy chiến dịch", "Send, pause and cancel campaigns"),
    "customer.reveal": ("Xem số điện thoại đầy đủ", "See whole phone numbers"),
    "privacy.answer": ("Trả lời yêu cầu về dữ liệu cá nhân", "Answer requests about personal data"),
    "credit.issue": ("Cấp tín dụng cửa hàng", "Issue store credit"),
    "location.write": ("Mở và sửa chi nhánh", "Open and change branches"),
    "staff.read": ("Xem nhân viên", "Read staff"),
    "staff.manage": ("Quản lý nhân viên", "Manage staff"),
    "till.read": ("Xem máy bán hàng", "Read tills"),
    "till.pair": ("Ghép máy bán hàng", "Pair tills"),
    "till.revoke": ("Khóa máy bán hàng", "Revoke tills"),
    "session.read": ("Xem phiên đăng nhập", "Read sessions"),
    "audit.read": ("Xem nhật ký", "Read the audit log"),
    "report.read": ("Xem báo cáo", "Read reports"),
    "report.schedule": ("Gửi báo cáo định kỳ", "Schedule reports by e-mail"),
    "shift.run": ("Mở và đóng ca", "Open and close shifts"),
    "shift.approve": ("Duyệt lệch quỹ, chi tiền, nhận ca", "Approve variances, cash out, take-overs"),
    "shift.read": ("Xem ca và quỹ", "Read shifts and cash"),
    "payment.confirm": ("Xác nhận đã nhận chuyển khoản", "Confirm a transfer by hand"),
    "payment.read": ("Xem thanh toán", "Read payments and bank credits"),
    "payment.match": ("Ghép và hoàn tiền ngân hàng", "Match and return bank credits"),
    "order.read": ("Xem đơn online", "Read online orders"),
    "order.manage": ("Xử lý đơn online và hoàn tiền", "Manage online orders and their refunds"),
    "einvoice.read": ("Xem hóa đơn điện tử", "Read e-invoices"),
    "einvoice.manage": ("Thay thế hóa đơn, đặt quy định hóa đơn", "Replace e-invoices and set their terms"),
    "payment.accounts": ("Sửa tài khoản nhận tiền", "Change receiving accounts"),
    "message.write": ("Viết tin cho quầy", "Write to the counters"),
    "target.write": ("Đặt mục tiêu bán", "Set sales targets"),
    "settings.write": ("Sửa thiết lập", "Change settings"),
    "system.read": ("Xem tình trạng hệ thống", "Read the system's state"),
    "job.replay": ("Chạy lại việc nền bị lỗi", "Run failed jobs again"),
}

ROLE_NAMES: Mapping[str, tuple[str, str]] = {
    "cashier": ("Thu ngân", "Cashier"),
    "store_manager": ("Cửa hàng trưởng", "Store manager"),
    "warehouse": ("Thủ kho", "Warehouse"),
    "marketer": ("Tiếp thị", "Marketer"),
    "accountant": ("Kế toán", "Accountant"),
    "owner": ("Chủ chuỗi", "Owner"),
    "it": ("Kỹ thuật", "IT"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a verb goes: discount in basis points, refund in đồng; none means no limit where one could be."""

    discount_bp_max: int | None = None
    refund_vnd_max: int | None = None


_PLAIN = Limits()
_FREE = Limits(discount_bp_max=10_000)

GRANTS: Mapping[str, Mapping[str, Limits]] = {
    "cashier": {
        "sale.sell": _PLAIN,
        "sale.void": Limits(refund_vnd_max=2_000_000),
        "sale.read": _PLAIN,
        "sale.discount": Limits(discount_bp_max=500),
        "sale.return": Limits(refund_vnd_max=2_000_000),
        "stock.read": _PLAIN,
        "stock.hold": _PLAIN,
        "stock.pick": _PLAIN,
        "stock.handle": _PLAIN,
        "stock.count": _PLAIN,
        "catalog.read": _PLAIN,
        "customer.read": _PLAIN,
        "customer.write": _PLAIN,
        "shift.run": _PLAIN,
    },
    "store_manager": {
        "message.write": _PLAIN,
        "target.write": _PLAIN,
        "sale.sell": _PLAIN,
        "sale.void": Limits(refund_vnd_max=20_000_000),
        "sale.read": _PLAIN,
        "sale.discount": Limits(discount_bp_max=2_000),
        "sale.return": Limits(refund_vnd_max=20_000_000),
        "sale.refund": Limits(refund_vnd_max=20_000_000),
        "price.override": Limits(discount_bp_max=2_000),
        "stock.read": _PLAIN,
        "stock.ledger": _PLAIN,
        "stock.reserve": _PLAIN,
        "stock.hold": _PLAIN,
        "stock.pick": _PLAIN,
        "stock.transfer": _PLAIN,
        "stock.handle": _PLAIN,
        "stock.adjust": Limits(refund_vnd_max=5_000_000),
        "stock.count": _PLAIN,
        "count.plan": _PLAIN,
        "count.approve": Limits(refund_vnd_max=5_000_000),
        "catalog.read": _PLAIN,
        "customer.read": _PLAIN,
        "customer.write": _PLAIN,
        "customer.reveal": _PLAIN,
        "credit.issue": Limits(refund_vnd_max=2_000_000),
        "staff.read": _PLAIN,
        "till.read": _PLAIN,
        "till.pair": _PLAIN,
        "report.read": _PLAIN,
        "promotion.read": _PLAIN,
        "shift.run": _PLAIN,
        "shift.approve": _PLAIN,
        "shift.read": _PLAIN,
        "payment.confirm": _PLAIN,
        "payment.read": _PLAIN,
        "order.read": _PLAIN,
    },
    "warehouse": {
        "order.read": _PLAIN,
        "stock.read": _PLAIN,
        "stock.ledger": _PLAIN,
        "stock.reserve": _PLAIN,
        "stock.hold": _PLAIN,
        "stock.pick": _PLAIN,
        "stock.transfer": _PLAIN,
        "stock.handle": _PLAIN,
        "stock.adjust": Limits(refund_vnd_max=20_000_000),
        "stock.count": _PLAIN,
        "count.plan": _PLAIN,
        "count.approve": Limits(refund_vnd_max=20_000_000),
        "purchase.read": _PLAIN,
        "purchase.write": _PLAIN,
        "catalog.read": _PLAIN,
    },
    "marketer": {
        "message.write": _PLAIN,
        "catalog.read": _PLAIN,
        "stock.read": _PLAIN,
        "sale.read": _PLAIN,
        "price.write": _PLAIN,
        "promotion.read": _PLAIN,
        "promotion.write": _PLAIN,
        "customer.read": _PLAIN,
        "report.read": _PLAIN,
        "report.schedule": _PLAIN,
        "segment.read": _PLAIN,
        "segment.write": _PLAIN,
        "loyalty.write": _PLAIN,
        "campaign.read": _PLAIN,
        "campaign.write": _PLAIN,
        "campaign.send": _PLAIN,
    },
    "accountant": {
        "sale.read": _PLAIN,
        "sale.refund": Limits(refund_vnd_max=50_000_000),
        "stock.read": _PLAIN,
        "stock.ledger": _PLAIN,
        "purchase.read": _PLAIN,
        "catalog.read": _PLAIN,
        "customer.read": _PLAIN,
        "credit.issue": Limits(refund_vnd_max=5_000_000),
        "report.read": _PLAIN,
        "report.schedule": _PLAIN,
        "audit.read": _PLAIN,
        "shift.read": _PLAIN,
        "payment.confirm": _PLAIN,
        "payment.read": _PLAIN,
        "payment.match": _PLAIN,
        "payment.accounts": _PLAIN,
        "order.read": _PLAIN,
        "order.manage": _PLAIN,
        "einvoice.read": _PLAIN,
        "einvoice.manage": _PLAIN,
    },
    "owner": {verb: _FREE if verb in {"sale.discount", "price.override"} else _PLAIN for verb in VERBS},
    "it": {
        "till.read": _PLAIN,
        "till.pair": _PLAIN,
        "till.revoke": _PLAIN,
        "staff.read": _PLAIN,
        "staff.manage": _PLAIN,
        "session.read": _PLAIN,
        "audit.read": _PLAIN,
        "settings.write": _PLAIN,
        "system.read": _PLAIN,
        "job.replay": _PLAIN,
        "catalog.read": _PLAIN,
        "catalog.import": _PLAIN,
        "stock.read": _PLAIN,
    },
}


def as_markdown() -> str:
    """The table of docs/roles.md."""
    roles = list(GRANTS)
    lines = [
        "# Roles",
        "",
        "Who may do what, as a new company starts out. The rows live in the table `role_grant` and every route names its",
        "verb. A role is held at one branch or in the whole chain, and a verb reaches as far as the role it comes from.",
        "Printed by `placket roles`; a test holds it equal to the seed.",
        "",
        "| | " + " | ".join(f"{ROLE_NAMES[role][1]} ({ROLE_NAMES[role][0]})" for role in roles) + " |",
        "|---|" + "---|" * len(roles),
    ]
    for verb, (_vi, en) in VERBS.items():
        cells = [_cell(GRANTS[role].get(verb)) for role in roles]
        lines.append(f"| `{verb}` {en} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, ""])


def _cell(limits: Limits | None) -> str:
    if limits is None:
        return ""
    if limits.discount_bp_max is not None:
        return f"≤ {limits.discount_bp_max // 100} %"
    if limits.refund_vnd_max is not None:
        return f"≤ {dotted(limits.refund_vnd_max)} ₫"
    return "yes"
