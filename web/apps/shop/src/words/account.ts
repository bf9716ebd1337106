export const accountVi = {}
export const accountEn: typeof accountVi = {}
