// How far this till's requests for holds are numbered, and up to which of them all is over. It knows nobody, so that everybody may ask.

let requests = { lastNo: 0, settledNo: 0 }

export function requestsNow(): { lastNo: number; settledNo: number } {
  return requests
}

export function setRequests(next: { lastNo: number; settledNo: number }): void {
  requests = next
}
