import { expect, test } from 'vitest'
import { afresh } from './afresh'

/** A server that answers when the test says so. */
function asked() {
  const waiting: (() => void)[] = []
  const ask = afresh(() => new Promise<void>((done) => waiting.push(done)))
  const answers = async (no: number): Promise<void> => {
    waiting[no]!()
    await new Promise((done) => { setTimeout(done) })
  }
  return { ask, waiting, answers }
}

test('who asks while an answer is on its way gets the one behind it, all of them the same', async () => {
  const { ask, waiting, answers } = asked()
  const told: string[] = []
  void ask().then(() => told.push('first'))
  void ask().then(() => told.push('second'))
  void ask().then(() => told.push('third'))
  expect(waiting).toHaveLength(1)
  await answers(0)
  expect([told, waiting.length]).toEqual([['first'], 2])
  await answers(1)
  expect([told, waiting.length]).toEqual([['first', 'second', 'third'], 2])
})

test('asked again later it asks again, and once asked while the second is on its way a third time', async () => {
  const { ask, waiting, answers } = asked()
  void ask()
  await answers(0)
  void ask()
  void ask()
  await answers(1)
  await answers(2)
  expect(waiting).toHaveLength(3)
  void ask()
  expect(waiting).toHaveLength(4)
})

test('a failure is told to whoever asked for it and to nobody behind', async () => {
  const fails: (() => void)[] = []
  const ask = afresh(() => (fails.length === 0 ? new Promise((_, fail) => fails.push(() => fail(new Error('dark')))) : Promise.resolve()))
  const [first, second] = [ask(), ask()]
  fails[0]!()
  await expect(first).rejects.toThrow('dark')
  await expect(second).resolves.toBeUndefined()
})
