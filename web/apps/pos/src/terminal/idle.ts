// Work for when nobody waits for the till. Safari has no idle callbacks: there a short rest stands for one.

const REST_MS = 50

/** Run something when the window has nothing better to do; answers how to call it off. */
export function whenIdle(run: () => void): () => void {
  if ('requestIdleCallback' in globalThis) {
    const asked = requestIdleCallback(run)
    return () => cancelIdleCallback(asked)
  }
  const rest = setTimeout(run, REST_MS)
  return () => clearTimeout(rest)
}
