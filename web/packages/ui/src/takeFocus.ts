// Where the focus goes when a layer opens.

/** To the layer itself, whose title is then read out, and not to its first control, which is the one that closes it. */
export function takeFocus(event: Event): void {
  event.preventDefault()
  if (event.target instanceof HTMLElement) event.target.focus({ preventScroll: true })
}
