// What the office says of e-invoices, in both languages.

export const einvoicesVi = {
  einvoices: {
    title: 'Hóa đơn điện tử', search: 'Tìm số, mã, phiếu, MST', number: 'Số hóa đơn', at: 'Ngày lập', kind: 'Loại', buyer: 'Người mua', seller: 'Người bán', receipt: 'Phiếu', place: 'Nơi bán', total: 'Tổng', state: 'Trạng thái',
    goods: 'Hàng', qty: 'SL', net: 'Chưa thuế', rate: 'Thuế', vat_of: 'Thuế GTGT {rate}', code: 'Mã cơ quan thuế',
    states: { all: 'Tất cả', waiting: 'Chờ gửi', rejected: 'Bị từ chối', accepted: 'Đã nhận', replaced: 'Đã thay thế' },
    kinds: { original: 'Hóa đơn', adjusting: 'Điều chỉnh', replacing: 'Thay thế' },
    empty: { all: 'Chưa có hóa đơn nào.', waiting: 'Không có hóa đơn nào chờ gửi. Tốt.', rejected: 'Không có hóa đơn nào bị từ chối. Tốt.', accepted: 'Chưa có hóa đơn nào được nhận.', replaced: 'Chưa thay thế hóa đơn nào.' },
    to_issue: '{n} phiếu chờ hết giờ nhận thông tin công ty', no_provider: 'Chưa nối nhà cung cấp hóa đơn: hóa đơn được lập và chờ gửi.',
    refers_to: 'cho hóa đơn {number}', followed_by: 'Xem hóa đơn lập sau hóa đơn này', silent: 'Nhà cung cấp chưa trả lời sau {n} lần gửi, gửi lại lúc {at}.',
    retry: 'Gửi lại', retried: 'Đã đưa vào hàng chờ gửi.', replace: 'Thay thế', replaced: 'Đã lập hóa đơn thay thế {number}.',
    replace_title: 'Lập hóa đơn thay thế?', replace_lead: 'Hóa đơn bị từ chối giữ nguyên như đã lập. Để trống mã số thuế nếu bán cho người tiêu dùng.', replace_submit: 'Lập hóa đơn thay thế',
    tax_code: 'Mã số thuế', company: 'Tên công ty', address: 'Địa chỉ', reason: 'Lý do', needed: 'Viết ít nhất 2 ký tự.',
    terms: 'Quy định', terms_lead: 'Ký hiệu, mã và căn cứ pháp lý có hiệu lực theo ngày. Hóa đơn đã lập không bao giờ đổi theo quy định mới.', no_terms: 'Chưa có quy định nào: chưa lập hóa đơn điện tử.',
    from: 'Từ {day}', from_on: 'Áp dụng từ ngày', authority_signs: '5 ký tự cơ quan thuế cấp', own_signs: '2 ký tự riêng', minutes: 'Phút chờ thông tin công ty', closes_at: 'Giờ chốt trong ngày', legal_basis: 'Căn cứ pháp lý',
    in_stores: 'Tại cửa hàng', online: 'Online', letters: { M: 'Máy tính tiền', T: 'Thường' }, terms_write: 'Lưu quy định', terms_written: 'Đã lưu quy định.',
    wrong: { from_on: 'Chọn ngày.', own_signs: '2 chữ in hoa.', authority_signs: '5 chữ in hoa hoặc số.', minutes: 'Từ 0 đến 1440.', closes_at: 'Giờ dạng 23:55.', legal_basis: 'Viết số nghị định, thông tư.' },
  },
}

export const einvoicesEn: typeof einvoicesVi = {
  einvoices: {
    title: 'E-invoices', search: 'Find a number, code, receipt, tax code', number: 'Invoice', at: 'Issued', kind: 'Kind', buyer: 'Buyer', seller: 'Seller', receipt: 'Receipt', place: 'Place', total: 'Total', state: 'State',
    goods: 'Goods', qty: 'Qty', net: 'Before tax', rate: 'VAT', vat_of: 'VAT {rate}', code: 'Tax authority code',
    states: { all: 'All', waiting: 'Waiting', rejected: 'Rejected', accepted: 'Accepted', replaced: 'Replaced' },
    kinds: { original: 'Invoice', adjusting: 'Adjustment', replacing: 'Replacement' },
    empty: { all: 'There is no invoice yet.', waiting: 'Nothing waits to be sent. Good.', rejected: 'Nothing was rejected. Good.', accepted: 'Nothing has been accepted yet.', replaced: 'Nothing has been replaced.' },
    to_issue: '{n} receipts wait for their buyer’s time to end', no_provider: 'No provider is connected: invoices are made and wait to be sent.',
    refers_to: 'of invoice {number}', followed_by: 'See the invoice that followed this one', silent: 'The provider has not answered {n} times; next try at {at}.',
    retry: 'Send again', retried: 'It waits to be sent.', replace: 'Replace', replaced: 'Replaced by {number}.',
    replace_title: 'Write a replacement?', replace_lead: 'The rejected invoice stays as it was issued. Leave the tax code empty for a consumer.', replace_submit: 'Write the replacement',
    tax_code: 'Tax code', company: 'Company', address: 'Address', reason: 'Reason', needed: 'Write at least 2 characters.',
    terms: 'Terms', terms_lead: 'Symbols, codes and legal basis count from a day on. What was issued never changes with new terms.', no_terms: 'There are no terms yet: no e-invoice is issued.',
    from: 'From {day}', from_on: 'In force from', authority_signs: '5 signs of the tax authority', own_signs: '2 signs of our own', minutes: 'Minutes to wait for a company', closes_at: 'End of the day', legal_basis: 'Legal basis',
    in_stores: 'In stores', online: 'Online', letters: { M: 'Cash register', T: 'Ordinary' }, terms_write: 'Save terms', terms_written: 'Terms are saved.',
    wrong: { from_on: 'Choose a day.', own_signs: '2 capital letters.', authority_signs: '5 capital letters or digits.', minutes: 'From 0 to 1440.', closes_at: 'A time like 23:55.', legal_basis: 'Name the decree or circular.' },
  },
}
