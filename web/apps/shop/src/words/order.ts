export const orderVi = {}
export const orderEn: typeof orderVi = {}
