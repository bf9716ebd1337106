// Instant search: the server's own search page is asked while somebody types, and its answer stands in this one.

const PAUSE_MS = 150

export function enliven(load: (address: string) => Promise<Document | undefined>): void {
  const input = document.querySelector<HTMLInputElement>('.seek input')
  const place = document.querySelector<HTMLElement>('#found')
  if (input === null || place === null) return
  let timer: ReturnType<typeof setTimeout> | undefined
  let latest = 0
  if (input.value === '') input.focus()

  async function seek(): Promise<void> {
    if (input === null || place === null) return
    performance.mark('search:key')
    const asked = ++latest
    const address = `${location.pathname}?q=${encodeURIComponent(input.value.trim())}`
    const found = (await load(address))?.querySelector('#found')
    if (!found || asked !== latest) return
    place.replaceChildren(...found.childNodes)
    history.replaceState(history.state, '', address)
    performance.mark('search:painted')
  }

  // `input`, and not a watcher of a model: Vietnamese is composed while it is typed, and every letter counts.
  input.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void seek(), PAUSE_MS)
  })
}
