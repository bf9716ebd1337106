// What a till says that sells without its server: its drawer, its clock, and what keeps its storage, in both languages.

export const aloneVi = {
  drawer_full: 'Két đã gần {limit}, mức giữ tối đa khi ngoại tuyến. Chi tiền ra khỏi két rồi thu tiếp, hoặc nhận cách trả khác.',
  drawer_out: 'Chi từ quỹ',
  clock: {
    unknown: 'Máy chưa biết giờ đúng. Nhập PIN để xác nhận {time} là đúng.',
    jumped: 'Đồng hồ máy vừa nhảy. Nhập PIN để xác nhận {time} là đúng.',
    confirm: 'Nhập PIN',
    about: 'Giờ bán hàng là {time}',
    why: 'Giá và ngày trên phiếu theo giờ này. Sai giờ thì chỉnh đồng hồ của máy trước.',
  },
  storage_short: 'Dễ mất dữ liệu',
  storage: 'Trình duyệt chưa hứa giữ dữ liệu của máy này',
  storage_detail: 'Khi đầy đĩa, trình duyệt có thể xóa hóa đơn chưa gửi. Cài ứng dụng vào máy hoặc cho phép lưu trữ lâu dài, và giữ bản sao thứ hai.',
  storage_ask: 'Xin lại',
  storage_kept: 'Trình duyệt đã hứa giữ dữ liệu.',
  storage_refused: 'Trình duyệt vẫn chưa đồng ý.',
}

export const aloneEn: typeof aloneVi = {
  drawer_full: 'The drawer is near {limit}, the most it holds off line. Take cash out before more comes in, or take another tender.',
  drawer_out: 'Take cash out',
  clock: {
    unknown: 'This till does not know the right time. Enter your PIN to confirm that it is {time}.',
    jumped: 'The clock of this till has jumped. Enter your PIN to confirm that it is {time}.',
    confirm: 'Enter PIN',
    about: 'The time of sale is {time}',
    why: 'Prices and the date on the receipt go by it. If it is wrong, set the device\'s clock first.',
  },
  storage_short: 'Data at risk',
  storage: 'The browser has not promised to keep this till\'s data',
  storage_detail: 'On a full disk it may delete sales that are not sent yet. Install the app or allow lasting storage, and keep a second copy.',
  storage_ask: 'Ask again',
  storage_kept: 'The browser has promised to keep the data.',
  storage_refused: 'The browser still does not agree.',
}
