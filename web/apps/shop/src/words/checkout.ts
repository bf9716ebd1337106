export const checkoutVi = {}
export const checkoutEn: typeof checkoutVi = {}
