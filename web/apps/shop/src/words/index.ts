// Everything the app in the shop's pages says, in both languages. Pages themselves are worded by the server.

import { accountEn, accountVi } from './account.ts'
import { cartEn, cartVi } from './cart.ts'
import { checkoutEn, checkoutVi } from './checkout.ts'
import { orderEn, orderVi } from './order.ts'
import { productEn, productVi } from './product.ts'

export const vi = {
  close: 'Đóng',
  undo: 'Hoàn tác',
  retry: 'Thử lại',
  loading: 'Đang tải…',
  one_size: 'Một cỡ',
  error: {
    network: 'Mạng chập chờn, chưa gửi được. Nội dung bạn nhập vẫn còn; thử lại nhé.',
    unknown: 'Có lỗi ở máy chủ. Chưa có gì thay đổi, hãy thử lại.',
  },
  product: productVi,
  cart: cartVi,
  checkout: checkoutVi,
  order: orderVi,
  account: accountVi,
}

export const en: typeof vi = {
  close: 'Close',
  undo: 'Undo',
  retry: 'Try again',
  loading: 'Loading…',
  one_size: 'One size',
  error: {
    network: 'The network is unsteady and nothing was sent. What you typed is still here; try again.',
    unknown: 'The server failed. Nothing has changed; try again.',
  },
  product: productEn,
  cart: cartEn,
  checkout: checkoutEn,
  order: orderEn,
  account: accountEn,
}
