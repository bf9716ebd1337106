import { QueryClient, QueryObserver } from '@tanstack/vue-query'
import { describe, expect, it } from 'vitest'
import { Answers } from './answers.ts'

/** A question to a server that answers when the test says so, and what the screen shows of it. */
function asked() {
  const waiting: ((answer: string) => void)[] = []
  const client = new QueryClient({ queryCache: new Answers() })
  const observer = new QueryObserver(client, { queryKey: ['sale'], queryFn: () => new Promise<string>((done) => waiting.push(done)) })
  observer.subscribe(() => undefined)
  const settled = (): Promise<void> => new Promise((done) => setTimeout(done))
  const answers = async (no: number, with_: string): Promise<void> => {
    waiting[no]!(with_)
    await settled()
  }
  return { client, observer, waiting, answers, shown: () => observer.getCurrentResult().data }
}

describe('what screens remember of answers', () => {
  it('asks again behind a first fetch that may be from before what was just done, and shows both', async () => {
    const { client, observer, waiting, answers, shown } = asked()
    void observer.refetch()
    void client.invalidateQueries({ queryKey: ['sale'] })
    expect(waiting).toHaveLength(1)
    await answers(0, 'before')
    expect(shown()).toBe('before')
    expect(waiting).toHaveLength(2)
    await answers(1, 'after')
    expect(shown()).toBe('after')
    expect(waiting).toHaveLength(2)
  })

  it('does not let a fetch under way overwrite what a command has answered', async () => {
    const { client, observer, waiting, answers, shown } = asked()
    await answers(0, 'draft')
    void observer.refetch()
    client.setQueryData(['sale'], 'posted')
    await answers(1, 'draft')
    expect(shown()).toBe('posted')
    await answers(2, 'posted, paid')
    expect(shown()).toBe('posted, paid')
    expect(waiting).toHaveLength(3)
  })

  it('does so for a first fetch too', async () => {
    const { client, answers, shown } = asked()
    client.setQueryData(['sale'], 'posted')
    await answers(0, 'draft')
    expect(shown()).toBe('posted')
  })

  it('asks once and no more when nothing has happened', async () => {
    const { waiting, answers, shown } = asked()
    await answers(0, 'draft')
    expect([shown(), waiting.length]).toEqual(['draft', 1])
  })
})
