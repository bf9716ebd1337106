// The carriers that a branch mostly gives parcels to; any other is typed.

export const CARRIERS = ['GHN', 'GHTK', 'Viettel Post', 'J&T', 'Ahamove'] as const
