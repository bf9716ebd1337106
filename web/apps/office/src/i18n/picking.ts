// What the office says of picking and sending online orders, in both languages.

export const pickingVi = {
  picking: {
    title: 'Soạn đơn online', lead: '{n} chờ soạn · {ready} chờ gửi hoặc chờ khách', empty: 'Không có đơn nào chờ soạn hay chờ gửi.',
    scan: 'Quét món hàng để soạn', due: 'hạn {time}', cod: 'Thu hộ',
    states: { to_pick: 'Chờ soạn', overdue: 'Trễ', picked: 'Đã soạn' },
    pick: 'Đã lấy', bag: 'Túi {code}', missing: 'Không thấy', missing_title: 'Không thấy {name}?',
    missing_lead: 'Tồn của món này sẽ được kiểm lại. Đơn chuyển sang nơi còn hàng; không nơi nào còn thì hoàn tiền món này và khách được báo.',
    missing_yes: 'Đã tìm, không có', missed: 'Đã ghi. Đơn đi tiếp từ nơi khác, hoặc món này được hoàn tiền.',
    not_wanted: '{sku} không có trong đơn chờ soạn. Để lại trên kệ.',
    send: 'Giao cho bên vận chuyển', send_title: 'Gửi đơn {code}', carrier: 'Bên vận chuyển', tracking: 'Mã vận đơn (nếu có)', shipped: 'Đơn {code} đã gửi.',
    by_itself: '{name} cấp mã vận đơn và nhãn, rồi đến lấy.', by_hand: 'Hãng khác, nhập tay', label: 'In nhãn',
    sold_title: 'Bán ở quầy, gửi từ kho', sold_lead: 'Khách đã trả tiền ở quầy. Gửi về chi nhánh đã bán, hoặc đến tận nhà khách.', sold_send: 'Gửi đi', sold_of: 'Bán ở {place} · {at}',
    sold_missing_lead: 'Tồn của kho sẽ được kiểm lại. Món này được tìm ở kho và chi nhánh khác; không nơi nào còn thì khách được báo và chi nhánh đã bán hoàn tiền.',
    sold_missing_of: 'Mấy món không thấy (trong {n})', sold_missed: 'Đã ghi. Đang tìm món này ở nơi khác.',
    lack_title: 'Đã bán mà kho không thấy', lack_lead: 'Nơi nào tìm được thì gửi thay. Không nơi nào còn: hoàn tiền cho khách.', lack_since: '{place} báo thiếu {at}',
    lack_states: { looking: 'Đang tìm ở nơi khác', found: '{place} gửi thay', nowhere: 'Không nơi nào còn' },
    lack_refund: 'Hoàn tiền', lack_refund_title: 'Hoàn {money} của hóa đơn {code}', lack_refund_lead: 'Như một lần trả hàng, không có hàng về. Khách được báo ngay.', lack_refunded: '{code}: đã hoàn {money}.',
    lack_form: 'Hoàn bằng', lack_bank: 'Ngân hàng', lack_account_no: 'Số tài khoản', lack_account_name: 'Chủ tài khoản',
    to: 'Gửi đến', to_branch: 'Chi nhánh {name}', to_home: 'Nhà khách', to_name: 'Người nhận', to_phone: 'Số điện thoại', to_address: 'Địa chỉ',
  },
}

export const pickingEn: typeof pickingVi = {
  picking: {
    title: 'Pick online orders', lead: '{n} to pick · {ready} wait for carrier or customer', empty: 'Nothing waits to be picked or sent.',
    scan: 'Scan a piece to pick it', due: 'due {time}', cod: 'Collect',
    states: { to_pick: 'To pick', overdue: 'Late', picked: 'Picked' },
    pick: 'Picked', bag: 'Bag {code}', missing: 'Not there', missing_title: '{name} is not there?',
    missing_lead: 'The stock of this piece will be checked. The order goes on from a place that has it; if none has, it is refunded and the customer is told.',
    missing_yes: 'Looked, not there', missed: 'Noted. The order goes on from elsewhere, or this piece is refunded.',
    not_wanted: '{sku} is in no order to pick. Leave it on the shelf.',
    send: 'Give to the carrier', send_title: 'Send order {code}', carrier: 'Carrier', tracking: 'Tracking number (if any)', shipped: 'Order {code} is on its way.',
    by_itself: '{name} gives it a number and a label, and comes for it.', by_hand: 'Another carrier, by hand', label: 'Print the label',
    sold_title: 'Sold at a till, sent from here', sold_lead: 'Paid at the till. Send it to the branch that sold it, or to the customer’s home.', sold_send: 'Send', sold_of: 'Sold at {place} · {at}',
    sold_missing_lead: 'The stock of the depot will be checked. This is looked for at other depots and branches; if none has it, the customer is told and the branch that sold it gives the money back.',
    sold_missing_of: 'Pieces not there (of {n})', sold_missed: 'Noted. It is being looked for elsewhere.',
    lack_title: 'Sold, and not in the depot', lack_lead: 'Whoever has it sends it instead. What is nowhere is paid back.', lack_since: '{place} missed it {at}',
    lack_states: { looking: 'Looked for elsewhere', found: '{place} sends it', nowhere: 'Nowhere to be found' },
    lack_refund: 'Give back', lack_refund_title: '{money} of receipt {code} goes back', lack_refund_lead: 'As a return, without goods. The customer is told at once.', lack_refunded: '{code}: {money} goes back.',
    lack_form: 'Given back as', lack_bank: 'Bank', lack_account_no: 'Account number', lack_account_name: 'Account holder',
    to: 'Send to', to_branch: 'Branch {name}', to_home: 'The customer’s home', to_name: 'Recipient', to_phone: 'Phone number', to_address: 'Address',
  },
}
