// What the office says of parcels with goods that come back, in both languages.

export const parcelsVi = {
  parcels: {
    title: 'Kiện trả về', lead: '{n} kiện đang chờ', empty: 'Không có kiện nào trên đường về. Tốt.',
    scan: 'Quét nhãn, hoặc gõ mã vận đơn, mã R-…, mã hóa đơn', not_found: 'Không có kiện nào mang mã {code}.',
    kinds: { asked: 'Khách gửi trả', undelivered: 'Giao không được' },
    states: { asked: 'Chờ bưu tá', booked: 'Chờ lấy', picked_up: 'Trên đường', failed: 'Trễ', delivered: 'Đã đến', returned: 'Đã về', cancelled: 'Đã hủy', done: 'Đã nhận' },
    of: 'Từ hóa đơn {code}', sender: 'Người gửi', pays: 'Hoàn bằng', way: 'Hành trình',
    forms: { card: 'Thẻ đã trả online', transfer: 'Chuyển khoản', store_credit: 'Tín dụng cửa hàng', cod: 'Chưa thu tiền, không hoàn' },
    reasons: { size: 'Không vừa', colour: 'Không hợp màu', faulty: 'Bị lỗi', unsuitable: 'Không hợp', other: 'Lý do khác' },
    came: 'Số món đến', condition: 'Tình trạng', conditions: { sell: 'Bán được', damaged: 'Hỏng', scrap: 'Bỏ' }, none_came: 'Không có',
    take: 'Nhận {n} món', taking: 'Nhận {n} món vào {place}?', taking_lead: 'Món bán được lên kệ ngay. Khách được hoàn phần tiền của món đã đến và được báo.',
    taken: 'Đã nhận {code}. Hoàn {vnd} cho khách.', done: 'Đã nhận lúc {at}, hoàn {vnd}.', see_sale: 'Xem phiếu trả',
    refunds: { requested: 'đang gửi yêu cầu hoàn', pending: 'ngân hàng đang hoàn', succeeded: 'đã hoàn', failed: 'hoàn lỗi', settled: 'đã hoàn cách khác', returning: 'chờ chuyển khoản', returned: 'đã chuyển khoản', done: 'đã hoàn' },
  },
}

export const parcelsEn: typeof parcelsVi = {
  parcels: {
    title: 'Returned parcels', lead: '{n} parcels are expected', empty: 'Nothing is on its way back. Good.',
    scan: 'Scan the label, or type a tracking number, R-… or a receipt', not_found: 'No parcel bears {code}.',
    kinds: { asked: 'Sent back', undelivered: 'Not delivered' },
    states: { asked: 'Calling the courier', booked: 'To be fetched', picked_up: 'On its way', failed: 'Delayed', delivered: 'Arrived', returned: 'Back', cancelled: 'Called off', done: 'Received' },
    of: 'Of receipt {code}', sender: 'Sender', pays: 'Paid back by', way: 'Track',
    forms: { card: 'The card that paid online', transfer: 'Transfer', store_credit: 'Store credit', cod: 'Nothing was paid, nothing goes back' },
    reasons: { size: 'Wrong size', colour: 'Wrong colour', faulty: 'Faulty', unsuitable: 'Not for them', other: 'Another reason' },
    came: 'Pieces that came', condition: 'Condition', conditions: { sell: 'Can be sold', damaged: 'Damaged', scrap: 'Throw away' }, none_came: 'None',
    take: 'Take in {n}', taking: 'Take {n} pieces in at {place}?', taking_lead: 'What can be sold is on the shelf at once. What came is paid back, and the customer is told.',
    taken: '{code} is in. {vnd} go back to the customer.', done: 'Received {at}, {vnd} paid back.', see_sale: 'See the return',
    refunds: { requested: 'refund requested', pending: 'at the bank', succeeded: 'paid back', failed: 'refund failed', settled: 'paid another way', returning: 'transfer to be sent', returned: 'transfer sent', done: 'paid back' },
  },
}
