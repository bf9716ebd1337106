// The seven fields of the checkout: what each needs, and what people mostly mean when they mistype an e-mail address.

export interface Form {
  phone: string
  name: string
  email: string
  province: string
  ward: string
  street: string
  note: string
  branch: string
}

export type FieldName = Exclude<keyof Form, 'note'>

export const EMPTY: Form = { phone: '', name: '', email: '', province: '', ward: '', street: '', note: '', branch: '' }

const MISTYPED: Record<string, string> = {
  'gmail.con': 'gmail.com',
  'gmail.co': 'gmail.com',
  'gmai.com': 'gmail.com',
  'gmial.com': 'gmail.com',
  'gamil.com': 'gmail.com',
  'gmail.cm': 'gmail.com',
  'yahoo.con': 'yahoo.com',
  'yaho.com': 'yahoo.com',
  'hotmail.con': 'hotmail.com',
  'outlook.con': 'outlook.com',
  'icloud.con': 'icloud.com',
}
const EMAIL = /^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$/
const PHONE = /^(?:0|84|0084)?[235789]\d{8,9}$/

/** The address that was probably meant, if it looks mistyped. */
export function meant(email: string): string | undefined {
  const [name, domain] = email.trim().split('@')
  const right = MISTYPED[domain?.toLowerCase() ?? '']
  return name && right ? `${name}@${right}` : undefined
}

const holds: Record<FieldName, (form: Form) => boolean> = {
  phone: (form) => PHONE.test(form.phone.replaceAll(/[\s().+-]/g, '')),
  name: (form) => form.name.trim().length >= 2,
  email: (form) => form.email.trim() === '' || EMAIL.test(form.email.trim()),
  province: (form) => form.province !== '',
  ward: (form) => form.ward.trim() !== '',
  street: (form) => form.street.trim() !== '',
  branch: (form) => form.branch !== '',
}
const ALWAYS: FieldName[] = ['phone', 'name', 'email']

/** What is wrong with a form, in the order in which its fields stand. */
export function wrong(form: Form, kind: 'ship' | 'collect'): FieldName[] {
  const needed: FieldName[] = [...ALWAYS, ...(kind === 'ship' ? (['province', 'ward', 'street'] as const) : (['branch'] as const))]
  return needed.filter((name) => !holds[name](form))
}
