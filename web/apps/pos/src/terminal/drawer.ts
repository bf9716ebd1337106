// How much cash the drawer of this till holds while it sells without the server, and how much it may: docs/rules/offline.md.

import { drawerOf, type Settlement } from '@placket/selling'
import { ref, watch } from 'vue'
import { entriesSince, useJournal } from './journal'
import { sellsAlone } from './lights'
import { useShift } from './shift'
import { useTill } from './till'

/** The rule's own, for a till that has never been told the company's. */
const UNKNOWN_VND = 20_000_000
const DAY_MS = 86_400_000

const heldVnd = ref(0)

const limitVnd = (): number => useTill().start.value?.settings.drawer_vnd_max ?? UNKNOWN_VND

/** Keep count while nobody else does; called once by the app. */
export function watchDrawer(): void {
  const { now } = useShift()
  const { unsent } = useJournal()
  watch([sellsAlone, unsent, now], ([alone]) => { if (alone) void reckon() }, { immediate: true })
}

/** What the journal says of the drawer: since the shift was opened, or without one of the last day. */
async function reckon(): Promise<void> {
  const shift = useShift().now.value?.shift
  const since = shift?.opened_at ?? new Date(Date.now() - DAY_MS).toISOString()
  heldVnd.value = drawerOf(await entriesSince(since), since, shift?.float_vnd ?? 0, shift?.moves ?? []).cash.expected_vnd
}

/** Whether this payment would put more cash into the drawer than it may hold without the server; `limitVnd` says how much that is. */
export function overfull({ tenders }: Settlement): { limitVnd: number } | undefined {
  const cashVnd = tenders.reduce((sum, { kind, amount_vnd: amount }) => (kind === 'cash' ? sum + amount : sum), 0)
  return sellsAlone() && cashVnd > 0 && heldVnd.value + cashVnd > limitVnd() ? { limitVnd: limitVnd() } : undefined
}
