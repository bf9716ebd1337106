// The window's side of the worker for everything that is long: a question, an answer.

import type { Pack, StockColumns } from '@placket/selling'

/** How far a snapshot has come: variants done of how many, and the parts that are missing. */
export interface Arrived {
  edition: string
  total: number
  done: number
  missing: number[]
}

export type Wanted =
  | { ask: 'load' | 'arrived' | 'drop' | 'forget' }
  | { ask: 'part'; part: number; bytes: ArrayBuffer }
  | { ask: 'changes'; bytes: ArrayBuffer }
  | { ask: 'stock'; place: string; bytes: ArrayBuffer }

/** What each question is answered with. A pack comes when there is a new one. */
export interface Asked {
  load: boolean
  arrived: Arrived | undefined
  part: { arrived: Arrived | undefined; pack?: Pack }
  changes: { snapshot: boolean; pack?: Pack }
  stock: { cursor: string; columns: StockColumns }
  drop: undefined
  forget: undefined
}

interface Waiting {
  resolve: (answer: never) => void
  reject: (error: Error) => void
}

const waiting = new Map<number, Waiting>()
let worker: Worker | undefined
let last = 0

/** Ask the worker. Bytes go over to it and are gone here. */
export function askCatalogue<W extends Wanted>(wanted: W): Promise<Asked[W['ask']]> {
  worker ??= start()
  last += 1
  const no = last
  return new Promise((resolve, reject) => {
    waiting.set(no, { resolve, reject })
    worker?.postMessage({ no, wanted }, 'bytes' in wanted ? [wanted.bytes] : [])
  })
}

function start(): Worker {
  const made = new Worker(new URL('./catalogue.worker.ts', import.meta.url), { type: 'module' })
  made.addEventListener('message', (event: MessageEvent<{ no: number; answer?: never; failure?: string }>) => {
    const { no, answer, failure } = event.data
    const asker = waiting.get(no)
    waiting.delete(no)
    if (failure === undefined) asker?.resolve(answer as never)
    else asker?.reject(new Error(failure))
  })
  return made
}
