"""What campaigns refuse, and in which words."""

from placket.core.refusals import Refusal


class CampaignChanged(Refusal):
    """Somebody has written it meanwhile, or it is past being written."""

    code = "campaign_changed"
    vi = "Chiến dịch vừa được người khác sửa hoặc đã bắt đầu. Tải lại rồi xem tiếp."
    en = "The campaign was changed meanwhile, or has begun. Reload it, then go on."


class CampaignStands(Refusal):
    """It is not in a state in which this can be done; ``state`` says in which."""

    code = "campaign_stands"
    vi = "Chiến dịch đang ở bước khác ({state}). Tải lại rồi thử lại."
    en = "The campaign is at another step ({state}). Reload it and try again."


class TemplateIncomplete(Refusal):
    """Parts of the text are missing; ``parts`` says which."""

    code = "template_incomplete"
    status = 422
    vi = "Nội dung chưa viết đủ các phần."
    en = "Parts of the text are missing."


class TemplateUnknownField(Refusal):
    """The text asks for something nobody can fill; ``fields`` says what."""

    code = "template_unknown_field"
    status = 422
    vi = "Không có thông tin để điền: {fields}. Chọn từ danh sách."
    en = "Nothing can be filled in for: {fields}. Choose from the list."


class ChannelHasNoWay(Refusal):
    """Nothing leads out by this channel here."""

    code = "channel_has_no_way"
    vi = "Kênh này chưa được nối. Nhờ bộ phận kỹ thuật nối rồi gửi."
    en = "This channel leads nowhere yet. Have it connected, then send."


class NoAddressOfOurOwn(Refusal):
    """Without an address of the company on the web nobody could unsubscribe."""

    code = "no_public_address"
    vi = "Chưa có địa chỉ web của công ty (PUBLIC_ADDRESS), nên khách không thể ngừng nhận. Đặt địa chỉ rồi gửi."
    en = "The company has no address on the web yet (PUBLIC_ADDRESS), so nobody could unsubscribe. Set it, then send."


class NobodyToTell(Refusal):
    """Nobody of the segment can be told by this channel."""

    code = "nobody_to_tell"
    vi = "Không có khách nào trong nhóm nhận được tin qua kênh này."
    en = "Nobody of the segment can be told by this channel."


class AudienceMoved(Refusal):
    """There are other people than were confirmed; ``people`` says how many."""

    code = "audience_moved"
    vi = "Số khách nhận đã đổi thành {people}. Xem lại rồi gửi."
    en = "{people} people would be told by now. Look again, then send."


class SegmentPutAway(Refusal):
    """The segment is not in use any more."""

    code = "segment_put_away"
    vi = "Nhóm khách đã bị cất. Chọn nhóm khác."
    en = "The segment was put away. Choose another."


class PromotionOver(Refusal):
    """The promotion its vouchers open is not in force."""

    code = "promotion_over"
    vi = "Khuyến mãi của voucher không còn áp dụng. Chọn khuyến mãi khác hoặc bỏ voucher."
    en = "The promotion that its vouchers open is not in force. Choose another, or send none."


class HoursWrong(Refusal):
    """The hours end before they begin, or more is allowed in a day than in a week."""

    code = "hours_wrong"
    status = 422
    vi = "Giờ gửi hoặc số tin tối đa chưa hợp lý. Kiểm tra lại."
    en = "The hours or the most a day are not right. Check them."


class NoOwnMail(Refusal):
    """Whoever asks has no mail address here, or no mail leaves the house."""

    code = "no_own_mail"
    vi = "Tài khoản của bạn chưa có e-mail, hoặc chưa nối máy chủ thư."
    en = "Your account has no e-mail address, or no mail server is connected."
