// The figures that are explained in the app, and the rules that hold for all of them.

export const DEFINED = ['revenue', 'net', 'bills', 'average', 'pieces_a_bill', 'return_rate', 'sold', 'returned'] as const
export const HELD = ['when', 'before', 'due', 'who'] as const
