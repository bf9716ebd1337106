import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NO_HASH, PUSH_CHARACTERS, PUSH_ENTRIES, chained, nextPush, seal, type EntryFacts, type SealedEntry } from './journal.ts'

const facts: EntryFacts = {
  entryId: '01936f2a-0000-7000-8000-000000000001', epoch: 1, opening: 4, kind: 'CLOSE', atMs: Date.parse('2026-11-23T07:32:00Z'),
  clockOffsetMs: -250, appVersion: '0.1.0', body: { 'ghi chú': 'đủ' },
}

// Reckoned from the rule by other hands: sha256(previous hash in hex + text, as UTF-8), lower-case hex.
const FIRST = '471056fad39616f1346c7c3df36cabd737dbe3434edceb3c0d349e872d968423'
const SECOND = 'b096a6496ae8b6e88d5b224a7b8703d020e2359e28ded7f4280741fbc9aac1d9'

test('an entry is sealed as the server reckons it', () => {
  const first = seal(facts, undefined)
  expect(first).toEqual({
    seq: 1,
    hash: FIRST,
    text: '{"entry_id":"01936f2a-0000-7000-8000-000000000001","epoch":1,"seq":1,"opening":4,"kind":"CLOSE","at":"2026-11-23T07:32:00.000Z","clock_offset_ms":-250,"schema_v":1,"app_v":"0.1.0","body":{"ghi chú":"đủ"}}',
  })
  const second = seal({ ...facts, entryId: '01936f2a-0000-7000-8000-000000000002' }, first)
  expect(second.seq).toBe(2)
  expect(second.hash).toBe(SECOND)
})

test('a chain has no gap, and one changed letter breaks all that follows', () => {
  fc.assert(fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 30 }), (words) => {
    const chain: SealedEntry[] = []
    for (const word of words) chain.push(seal({ ...facts, body: { word } }, chain.at(-1)))
    expect(chain.map(({ seq }) => seq)).toEqual(words.map((_, place) => place + 1))
    let previous = NO_HASH
    for (const { text, hash } of chain) {
      expect(hash).toBe(chained(previous, text))
      previous = hash
    }
    const [first, second] = chain
    expect(chained(chained(NO_HASH, `${first?.text ?? ''} `), second?.text ?? '')).not.toBe(second?.hash)
  }))
})

const entry = (seq: number, length: number): SealedEntry => ({ seq, hash: '', text: 'x'.repeat(length) })

test('a push carries the entries in order, neither too many nor too much, and always one', () => {
  const many = Array.from({ length: 450 }, (_, place) => entry(place + 1, 10))
  expect(nextPush(many).map(({ seq }) => seq)).toEqual(Array.from({ length: PUSH_ENTRIES }, (_, place) => place + 1))
  expect(nextPush([entry(1, 150_000), entry(2, 60_000), entry(3, 1)]).map(({ seq }) => seq)).toEqual([1])
  expect(nextPush([entry(1, PUSH_CHARACTERS + 1), entry(2, 1)]).map(({ seq }) => seq)).toEqual([1])
  expect(nextPush([])).toEqual([])
})
