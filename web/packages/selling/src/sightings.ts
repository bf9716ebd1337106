/** What a camera sees, frame after frame, made into scans: a code counts again only when it has been out of sight. */

export const OUT_OF_SIGHT_MS = 1_200

export class Sightings {
  private readonly lastAt = new Map<string, number>()

  /** Whether this sighting is a new scan. Every sighting, counted or not, keeps the code in sight. */
  see(code: string, atMs: number): boolean {
    for (const [seen, lastAt] of this.lastAt) if (atMs - lastAt >= OUT_OF_SIGHT_MS) this.lastAt.delete(seen)
    const isNew = !this.lastAt.has(code)
    this.lastAt.set(code, atMs)
    return isNew
  }
}
