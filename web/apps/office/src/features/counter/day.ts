// The business day here, as `2026-11-26`.

/** Today in Vietnam, whatever the zone of this computer. */
export const today = (): string => new Date().toLocaleDateString('sv-SE', { timeZone: 'Asia/Ho_Chi_Minh' })
