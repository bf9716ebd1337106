// Asking the server for the same thing from several places: never twice at a time, and never content with an old answer.

/** Ask; who asks while an answer is on its way gets the next one, for that one may be from before what has just happened. */
export function afresh(ask: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let next: Promise<void> | undefined
  const start = (): Promise<void> => (running = ask().finally(() => (running = undefined)))
  return () => {
    if (running === undefined && next === undefined) return start()
    next ??= running!.catch(() => undefined).then(() => {
      next = undefined
      return start()
    })
    return next
  }
}
