// Whether the browser has promised to keep what this till stores. Without that a full disk may cost unsent sales: selling goes on, and
// the screen says so for as long as it lasts.

import { ref } from 'vue'

const promised = ref(true)

/** Ask for it, at each start and whenever somebody wants to. An address that browsers do not trust cannot have it. */
export async function askToKeep(): Promise<boolean> {
  const storage = navigator.storage as StorageManager | undefined
  promised.value = storage !== undefined && ((await storage.persisted()) || (await storage.persist()))
  return promised.value
}

export function useStorage() {
  return { promised }
}
