// The few words that controls say by themselves. An app merges them into its catalogues under `ui`.

const vi = {
  close: 'Đóng',
  undo: 'Hoàn tác',
  retry: 'Thử lại',
  more: 'Xem thêm',
  loading: 'Đang tải',
  delete_digit: 'Xóa một số',
  remove: 'Bỏ {what}',
  notifications: 'Thông báo ({hotkey})',
  all_shown: 'Đã hiện hết',
  no_match: 'Không có kết quả',
  show_password: 'Hiện mật khẩu',
  hide_password: 'Ẩn mật khẩu',
}

const en: typeof vi = {
  close: 'Close',
  undo: 'Undo',
  retry: 'Try again',
  more: 'Show more',
  loading: 'Loading',
  delete_digit: 'Delete a digit',
  remove: 'Remove {what}',
  notifications: 'Notifications ({hotkey})',
  all_shown: 'That is all',
  no_match: 'No results',
  show_password: 'Show password',
  hide_password: 'Hide password',
}

export const uiMessages = { vi, en }
