// What somebody has filled in before the app took the page over: it goes on from there.

import type { Method } from '../../shell/orders.ts'
import { EMPTY, type Form } from './form.ts'

export interface Written {
  fields: Partial<Form>
  method: Method | undefined
}

/** Read a form as it stands on the page; fields that are empty say nothing. */
export function written(place: ParentNode | undefined = globalThis.document): Written {
  const fields: Partial<Form> = {}
  for (const name of Object.keys(EMPTY) as (keyof Form)[]) {
    const field = place?.querySelector<HTMLInputElement>(`input#${name}:not([type='radio'])`)
    if (field?.value) fields[name] = field.value
  }
  const chosen = place?.querySelector<HTMLInputElement>("input[name='method']:checked")
  return { fields, method: chosen?.value as Method | undefined }
}
