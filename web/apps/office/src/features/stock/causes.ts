// Why the books are corrected by hand.

export const CAUSES = ['damaged', 'lost', 'found', 'sample', 'internal', 'correction', 'other'] as const

export type Cause = (typeof CAUSES)[number]
