"""The words of reports that are sent, Vietnamese first: those that the office shows on the same reports."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

Language = Literal["vi", "en"]
Pair = tuple[str, str]

PACKS: Final[Mapping[tuple[str, str], Pair]] = {
    ("sales", "weekly"): ("Báo cáo bán hàng tuần", "Weekly sales report"),
    ("sales", "monthly"): ("Báo cáo bán hàng tháng", "Monthly sales report"),
    ("marketing", "weekly"): ("Báo cáo tiếp thị tuần", "Weekly marketing report"),
    ("marketing", "monthly"): ("Báo cáo tiếp thị tháng", "Monthly marketing report"),
}
FILES: Final[Mapping[str, Pair]] = {
    "sales": ("bao-cao-ban-hang", "sales-report"),
    "marketing": ("bao-cao-tiep-thi", "marketing-report"),
}
SALES_TITLES: Final[Mapping[str, Pair]] = {
    "branch": ("Bán hàng theo chi nhánh", "Sales by branch"),
    "day": ("Bán hàng theo ngày", "Sales by day"),
    "staff": ("Bán hàng theo nhân viên", "Sales by staff"),
    "channel": ("Bán hàng theo kênh", "Sales by channel"),
    "category": ("Bán hàng theo nhóm hàng", "Sales by category"),
}
BY: Final[Mapping[str, Pair]] = {
    "branch": ("Chi nhánh", "Branch"),
    "day": ("Ngày", "Day"),
    "staff": ("Nhân viên", "Staff"),
    "channel": ("Kênh", "Channel"),
    "category": ("Nhóm hàng", "Category"),
}
FIGURES: Final[Mapping[str, Pair]] = {
    "revenue": ("Doanh thu", "Revenue"),
    "share": ("Tỷ trọng", "Share"),
    "before": ("Cùng kỳ", "Year before"),
    "growth": ("So cùng kỳ", "Growth"),
    "net": ("Doanh thu thuần", "Net revenue"),
    "bills": ("Hóa đơn", "Bills"),
    "average": ("Giá trị TB", "Average bill"),
    "sold": ("Món bán", "Pieces sold"),
    "returned": ("Món trả", "Pieces back"),
    "return_rate": ("Tỷ lệ trả", "Return rate"),
}
TITLES: Final[Mapping[str, Pair]] = {
    "discounts": ("Tiền giảm đi đâu", "Where discounts go"),
    "returns": ("Khách trả vì sao", "Why goods come back"),
    "cash": ("Tiền mặt qua các ca", "Cash by shift"),
    "sell_through": ("Mẫu nào đang chạy", "Which styles move"),
}
GROUPS: Final[Mapping[str, Pair]] = {
    "champion": ("Khách hàng hàng đầu", "Champions"),
    "loyal": ("Khách trung thành", "Loyal customers"),
    "potential_loyalist": ("Có thể thành trung thành", "Potential loyalists"),
    "new": ("Khách mới", "New customers"),
    "promising": ("Tiềm năng", "Promising"),
    "need_attention": ("Cần quan tâm", "Need attention"),
    "about_to_sleep": ("Sắp ngủ đông", "About to sleep"),
    "cant_lose": ("Không thể để mất", "Cannot lose them"),
    "at_risk": ("Có nguy cơ rời bỏ", "At risk"),
    "hibernating": ("Ngủ đông", "Hibernating"),
}
GROUP_HEAD: Final[Sequence[Pair]] = (
    ("Nhóm RFM", "RFM group"),
    ("Khách hiện có", "People now"),
    ("Vào nhóm", "Came"),
    ("Rời nhóm", "Left"),
)
ROW_OF: Final[Mapping[str, Pair]] = {
    "discounts": ("Lý do", "Reason"),
    "returns": ("Lý do", "Reason"),
    "cash": ("Chi nhánh", "Branch"),
    "sell_through": ("Mẫu", "Style"),
}
COLUMNS: Final[Mapping[str, Pair]] = {
    "vnd": ("Số tiền", "Amount"),
    "bills": ("Hóa đơn", "Bills"),
    "share": ("Tỷ trọng", "Share"),
    "pieces": ("Chiếc", "Pieces"),
    "sell": ("Bán lại được", "To sell again"),
    "damaged": ("Hàng lỗi", "Damaged"),
    "scrap": ("Hủy", "Scrapped"),
    "shifts": ("Ca đóng", "Shifts"),
    "cash_sales": ("Thu tiền mặt", "Cash sales"),
    "cash_refunds": ("Hoàn tiền mặt", "Cash refunds"),
    "cash_in": ("Thu khác", "Cash in"),
    "cash_out": ("Chi khác", "Cash out"),
    "expected": ("Phải có", "Expected"),
    "counted": ("Đếm được", "Counted"),
    "variance": ("Lệch", "Variance"),
    "off": ("Ca lệch", "Shifts off"),
    "net_sold": ("Đã bán", "Sold"),
    "on_hand": ("Còn", "On hand"),
    "sell_through": ("Tỷ lệ bán", "Sell-through"),
    "cover": ("Đủ bán (tuần)", "Weeks of cover"),
}
DISCOUNT_KINDS: Final[Mapping[str, Pair]] = {
    "promotion": ("Khuyến mãi", "Promotion"),
    "points": ("Đổi điểm", "Points"),
    "recalculated": ("Tính lại khi trả hàng", "Recalculated at returns"),
    "unexplained": ("Trước khi dùng Placket", "From before Placket"),
}
RETURN_REASONS: Final[Mapping[str, Pair]] = {
    "size": ("đổi size", "other size"),
    "colour": ("đổi màu", "other colour"),
    "faulty": ("lỗi", "faulty"),
    "unsuitable": ("không hợp", "does not suit"),
    "other": ("lý do khác", "another reason"),
}
REASONS: Final[Mapping[str, Pair]] = {
    "regular": ("Khách quen", "Regular customer"),
    "faulty": ("Hàng lỗi", "Faulty"),
    "match": ("Bằng giá nơi khác", "Price match"),
    "bundle": ("Mua nhiều", "Buys several"),
    "staff": ("Nhân viên", "Staff"),
    "swap": ("Đổi ngang, giữ giá cũ", "Even swap, old price kept"),
    "other": ("Khác", "Other"),
}
SAID: Final[Mapping[str, Pair]] = {
    "total": ("Tổng", "Total"),
    "groups": ("Khách hàng chuyển nhóm", "Customers by group"),
    "web": ("Web", "Web"),
    "store": ("Cửa hàng", "Shops"),
    "unknown": ("Không qua nhân viên", "Nobody of the staff"),
    "no_reason": ("Không ghi lý do", "No reason given"),
    "by_hand": ("Giảm tay: {reason}", "By hand: {reason}"),
    "against": ("So với {from_on} – {to_on}", "Beside {from_on} – {to_on}"),
    "more": ("Doanh thu {money}, hơn cùng kỳ {percent}.", "Revenue {money}, {percent} more than the year before."),
    "less": ("Doanh thu {money}, kém cùng kỳ {percent}.", "Revenue {money}, {percent} less than the year before."),
    "alone": ("Doanh thu {money}, chưa có cùng kỳ.", "Revenue {money}; there is no year before."),
    "empty": ("Không có số liệu trong khoảng này.", "No figures in this period."),
}


def word(pair: Pair, language: Language) -> str:
    """One of the two."""
    return pair[1 if language == "en" else 0]
