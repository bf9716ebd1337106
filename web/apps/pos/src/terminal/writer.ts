// One window writes for a till. A second one says so and may take over; the first then stops at once.

import { becomeWriter } from './journal'

const NAME = 'placket-till'
let holding = false

/** Become the window that writes, if no other is; `steal` takes over from it. `onLost` is called when another one does so. */
export async function claimWriter(steal: boolean, onLost: () => void): Promise<boolean> {
  if (holding) return true
  // Without locks (an address that browsers do not trust) the last window to open writes; the journal itself refuses the others.
  const won = navigator.locks === undefined ? true : await lock(steal, onLost)
  if (won) await becomeWriter()
  holding = won
  return won
}

function lock(steal: boolean, onLost: () => void): Promise<boolean> {
  return new Promise((answer) => {
    const held = navigator.locks.request(NAME, steal ? { steal: true } : { ifAvailable: true }, (granted) => {
      answer(granted !== null)
      return granted === null ? undefined : new Promise<void>(() => undefined)
    })
    held.catch(() => {
      holding = false
      onLost()
    })
  })
}
