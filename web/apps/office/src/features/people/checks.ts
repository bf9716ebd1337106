// What the server will ask of these values, so that a person hears it beside the field.

export const isEmail = (text: string): boolean => /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text.trim())
export const isPin = (text: string): boolean => /^\d{6}$/.test(text)
export const isPassword = (text: string): boolean => text.length >= 10
