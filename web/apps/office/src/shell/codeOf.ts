// What a document is called: its printed code, else the end of its id, which tells two apart.

export const codeOf = (code: string | null | undefined, id: string): string => code ?? `#${id.slice(-8)}`

/** The number under a transfer's barcode, as people say it: `ĐC-0012`. */
export const nameOfTransfer = (code: string): string => `ĐC-${String(Number(code.slice(2, -1))).padStart(4, '0')}`

/** A count as people say it: `KK-0012`. */
export const nameOfCount = (number: number): string => `KK-${String(number).padStart(4, '0')}`
