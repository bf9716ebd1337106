// What a document is called: its printed code, else the end of its id, which tells two apart.

export const codeOf = (code: string | null | undefined, id: string): string => code ?? `#${id.slice(-8)}`
