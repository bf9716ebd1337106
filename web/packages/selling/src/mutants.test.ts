// The rules of docs/rules/offline.md that only a till can keep, each left out of its source: a check that holds for the rule must fail
// without it. The words in CAPITALS are the rule's name there.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import ts from 'typescript'
import type * as BoardModule from './board.ts'
import { add, emptyCart } from './cart.ts'

type Rules = typeof BoardModule
const source = readFileSync('packages/selling/src/board.ts', 'utf8')

/** The module with some of its words replaced. */
async function bent(words: string, instead: string): Promise<Rules> {
  expect(source.split(words)).toHaveLength(2)
  const { outputText } = ts.transpileModule(source.replace(words, instead), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  return (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(outputText)}`)) as Rules
}

const promise = (phase: string): BoardModule.BoardPromise => ({
  id: 'p', ref: 'order', kind: 'collect', variant_id: 'v', qty: 1, phase, code: null, bag_code: null, paid: true, pay_by: null,
  created_at: '2026-11-23T07:32:00Z', held_for: null, phone_tail: null, customer_id: null, asked_from: null, search_at: null,
})
const board = (boardNo: number, ...promises: BoardModule.BoardPromise[]): BoardModule.Board => ({ opening: 1, incarnation: 1, boardNo, promises })
const cart = add(emptyCart('c', 1), { variantId: 'v', sourceId: 'here', qty: 1 })

const checks: Record<string, { words: string; instead: string; holds: (rules: Rules) => boolean }> = {
  BOARD_REORDER: {
    words: 'fresh.boardNo > kept.boardNo',
    instead: 'fresh.boardNo !== kept.boardNo',
    holds: ({ replaces }) => !replaces(board(1), board(2)) && replaces(board(3), board(2)),
  },
  RESTORE_NO_INCARNATION: {
    words: 'fresh.incarnation !== kept.incarnation || ',
    instead: '',
    holds: ({ replaces }) => replaces({ ...board(1), incarnation: 2 }, board(9)),
  },
  WORD_OF_OLD_OPENING: {
    words: ' || fresh.opening !== kept.opening',
    instead: '',
    holds: ({ replaces }) => replaces({ ...board(9), opening: 2 }, board(9)),
  },
  AMBER_WHILE_ASKED: {
    words: "promises.some(({ phase }) => phase === 'asked')",
    instead: 'promises.length < 0',
    holds: ({ questionsOf }) =>
      questionsOf({ cart: { ...cart, answers: { v: { seen: 9 } } }, branchId: 'here', board: board(1, promise('asked')), onHand: () => 9 }).length === 1,
  },
  HANDOVER_UNBAGGED: {
    words: "(phase === 'bagged' || phase === 'to_scan_back')",
    instead: "phase !== 'asked'",
    holds: ({ inBag }) => inBag(board(1, promise('bagged')), 'p') && !inBag(board(1, promise('confirmed')), 'p'),
  },
}

test.each(Object.entries(checks))('%s is needed', async (_rule, { words, instead, holds }) => {
  expect(holds(await bent(words, words))).toBe(true)
  expect(holds(await bent(words, instead))).toBe(false)
})
