// Every move of a member's points, a page at a time.

import { answer, type Schemas } from '@placket/api'
import { ref, watch, type Ref } from 'vue'
import { api, sentenceOf } from '../../api.ts'

export type Points = Schemas['MemberPoints']
type Say = (key: string, named?: Record<string, unknown>) => string

export function usePoints(member: Ref<unknown>, t: Say) {
  const points = ref<Points>()
  const trouble = ref('')
  /** They have come, or are said not to. */
  const asked = ref(false)

  async function more(): Promise<void> {
    try {
      const page = await answer(api.GET('/api/shop/v1/account/points', { params: { query: { before: points.value?.before ?? null } } }))
      points.value = { ...page, items: [...(points.value?.items ?? []), ...page.items] }
      trouble.value = ''
    } catch (error) {
      trouble.value = sentenceOf(error, t)
    } finally {
      asked.value = true
    }
  }

  function forget(): void {
    points.value = undefined
    trouble.value = ''
    asked.value = false
  }

  watch(() => member.value !== undefined, (isIn) => (isIn ? void more() : forget()), { immediate: true })
  return { points, trouble, asked, more }
}
