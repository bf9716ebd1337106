// The day at this counter as the server last told it: targets, results, messages.

import { Refusal, Unreachable, type Schemas } from '@placket/api'
import { shallowRef } from 'vue'
import { afresh } from './afresh'
import { keep, kept } from './db'
import { server } from './server'

const day = shallowRef<Schemas['DayShown']>()

/** What is kept at once, then what the server says; without an answer the kept day stays. */
export const refreshDay = afresh(async () => {
  day.value ??= await kept('day')
  try {
    day.value = await server.day()
    await keep('day', day.value)
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof Unreachable)) throw error
  }
})

/** A message has been read; the list is asked for anew. */
export async function readMessage(id: string): Promise<void> {
  await server.readMessage(id)
  await refreshDay()
}

export function useDay() {
  return { day }
}
