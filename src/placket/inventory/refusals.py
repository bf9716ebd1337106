"""What stock may say no to: one class per code, each with a sentence that says what to do."""

from placket.core.refusals import Refusal


class OutOfStock(Refusal):
    """Less is free to promise than was asked; nothing was promised."""

    code = "out_of_stock"
    vi = "Không đủ hàng để giữ: cần {asked}, còn {free}."
    en = "Not enough stock to promise: {asked} asked, {free} free."


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


class NothingMoves(Refusal):
    """A line of a document that changes nothing."""

    code = "nothing_moves"
    status = 422
    vi = "Số lượng phải khác 0."
    en = "A quantity must not be 0."


class OpeningPassed(Refusal):
    """The till has opened later than this already."""

    code = "opening_passed"
    vi = "Máy đã mở phiên {last_opening}. Tải lại trang bán hàng."
    en = "The till has opened {last_opening} already. Reload the till."


class BranchSilent(Refusal):
    """The branch is open and none of its tills is connected, so nobody there can give its word."""

    code = "branch_silent"
    vi = "Chi nhánh đang mất kết nối, tạm không giữ hàng từ xa. Chọn nơi khác."
    en = "The branch is out of reach and takes no remote promises now. Choose another place."


class BranchRecovering(Refusal):
    """The server was restored from a backup and a till of the branch has not come back yet."""

    code = "branch_recovering"
    vi = "Chi nhánh đang khôi phục sau sự cố máy chủ, chờ đủ các máy bán hàng kết nối lại. Chọn nơi khác."
    en = "The branch is recovering: not all of its tills have come back since the server was restored. Choose another place."


class JournalNotDrained(Refusal):
    """The till has entries that the server does not know; it hands them in before it attaches."""

    code = "journal_not_drained"
    vi = "Máy còn hóa đơn chưa gửi từ số {posted_seq}. Đang gửi, hãy chờ."
    en = "The till has unsent entries after {posted_seq}. They are handed in first."


class WrongPhase(Refusal):
    """The promise is not where this step begins."""

    code = "wrong_phase"
    vi = "Đơn giữ hàng đang ở bước {phase}, không làm được việc này."
    en = "The promise is {phase}; this step does not apply."


class NotPaid(Refusal):
    """Goods that are not paid for are not handed over."""

    code = "not_paid"
    vi = "Đơn chưa thanh toán, chưa giao được."
    en = "The order is not paid for and cannot be handed over."


class TillsUndrained(Refusal):
    """A till of the branch has not handed in what it sold, or an entry waits in quarantine: the figure would be wrong."""

    code = "tills_undrained"
    vi = "Còn máy chưa gửi hết hóa đơn hoặc bút toán chờ xử lý. Đếm lại khi đã gửi xong."
    en = "A till has not handed in all its sales, or an entry waits in quarantine. Count when that is done."


class StillShort(Refusal):
    """Pieces are still missing for what is promised, so somebody has to do something about it first."""

    code = "still_short"
    vi = "Còn thiếu {short} món so với số đã hứa. Nhập thêm hàng, đếm lại hoặc nhả đơn giữ trước khi đóng."
    en = "{short} pieces are still missing for what is promised. Bring goods, count, or release a promise first."


class NeedsCount(Refusal):
    """A doubt that was open in a backup: only a count ends it."""

    code = "needs_count"
    vi = "Việc này có từ trước khi khôi phục máy chủ, chỉ đóng được bằng kiểm kê."
    en = "This is older than the restore of the server: only a count ends it."


class NeedsItsEntry(Refusal):
    """What hangs on an entry in quarantine ends with that entry."""

    code = "needs_its_entry"
    vi = "Việc này đóng khi bút toán bị giữ lại được xử lý."
    en = "This ends when the quarantined entry is dealt with."


class NeedsItsDocument(Refusal):
    """A difference of a transfer ends where somebody says what became of the pieces."""

    code = "needs_its_document"
    vi = "Chênh lệch này được xử lý ngay trên phiếu của nó: chọn hàng đã đi đâu."
    en = "This difference is settled on its own document: say what became of the pieces."


class TransferState(Refusal):
    """The transfer is not where this step begins."""

    code = "transfer_state"
    vi = "Phiếu chuyển đã sang bước khác, không làm được việc này nữa. Tải lại phiếu."
    en = "The transfer has moved on; this step does not apply any more. Load it again."


class DraftChanged(Refusal):
    """Somebody else has written the draft since it was read."""

    code = "draft_changed"
    vi = "Phiếu nháp vừa được người khác sửa. Tải lại rồi sửa tiếp."
    en = "Somebody else has just changed this draft. Load it again and go on."


class NotOnTransfer(Refusal):
    """Nobody asked for these goods on this transfer."""

    code = "not_on_transfer"
    vi = "Phiếu chuyển không có mặt hàng này. Để lại hàng trên kệ."
    en = "These goods are not on the transfer. Leave them on the shelf."


class PickedTooMany(Refusal):
    """More would lie in the boxes than was asked for, or less than nothing."""

    code = "picked_too_many"
    vi = "Phiếu cần {asked} chiếc, đã soạn {picked}."
    en = "{asked} are asked for and {picked} are picked."


class ShippedTooMany(Refusal):
    """Fewer pieces are free than lie in the boxes; ``lines`` says which and how many. Nothing was shipped."""

    code = "shipped_too_many"
    vi = "Có mặt hàng đã soạn nhiều hơn số được chuyển: phần còn lại đang giữ cho khách hoặc sổ không có. Hãy bỏ bớt."
    en = "Some goods are picked beyond what is free: the rest is promised or not on the books. Take them out and ship again."


class LookFirst(Refusal):
    """Pieces of these goods are promised and not bagged; somebody has to see that they are still there."""

    code = "look_first"
    vi = "Có hàng đang giữ cho khách chưa vào túi. Hãy nhìn xem các chiếc đó còn đủ không, rồi xác nhận."
    en = "Pieces of these goods are promised and not bagged. Look whether those others are still here, then confirm."


class DifferenceSettled(Refusal):
    """Fewer pieces of this difference are open than somebody wants to settle."""

    code = "difference_settled"
    vi = "Chênh lệch này chỉ còn {left} chiếc chưa xử lý. Tải lại phiếu."
    en = "Only {left} pieces of this difference are still open. Load the transfer again."


class OutcomeDoesNotFit(Refusal):
    """What is missing cannot have been damaged, and so on."""

    code = "outcome_does_not_fit"
    status = 422
    vi = "Cách xử lý này không dành cho loại chênh lệch đó."
    en = "This outcome is not one for this kind of difference."


class SupplierNameTaken(Refusal):
    """Another supplier is called so."""

    code = "supplier_name_taken"
    vi = "Đã có nhà cung cấp tên {taken}."
    en = "There is a supplier called {taken} already."


class OrderClosed(Refusal):
    """Everything has come, or somebody has said that nothing more will."""

    code = "order_closed"
    vi = "Đơn đặt {number} đã đóng. Nhập hàng không theo đơn, hoặc đặt đơn mới."
    en = "Order {number} is closed. Receive without an order, or order anew."


class CountState(Refusal):
    """The count is not where this step begins."""

    code = "count_state"
    vi = "Phiếu kiểm kê đã sang bước khác, không làm được việc này nữa. Tải lại phiếu."
    en = "The count has moved on; this step does not apply any more. Load it again."


class CountUndecided(Refusal):
    """Some lines still need a person before the count may be posted; ``flags`` says how many of which kind."""

    code = "count_undecided"
    vi = "Còn {lines} dòng chưa quyết: đếm hai lần, chưa đếm, có hàng ra vào lúc đếm hoặc cần đếm lại."
    en = "{lines} lines are undecided: counted twice, not counted, moved while counting, or to be counted again."


class CountedBelowZero(Refusal):
    """More would be taken back than was counted."""

    code = "counted_below_zero"
    vi = "Không bớt được: mới đếm {counted} chiếc."
    en = "Only {counted} are counted; that many cannot be taken back."


class AdjustmentDecided(Refusal):
    """Somebody else has decided already."""

    code = "adjustment_decided"
    vi = "Phiếu điều chỉnh này đã được quyết. Tải lại trang."
    en = "This adjustment is decided already. Load it again."


class BeyondLimit(Refusal):
    """Somebody may stand for less than this is worth."""

    code = "beyond_limit"
    status = 403
    vi = "Giá trị này vượt hạn mức của bạn. Hãy nhờ người có hạn mức cao hơn duyệt."
    en = "This is worth more than you may approve. Ask somebody with a higher limit."
