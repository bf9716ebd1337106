// Decides which transfers are listed: the filters of the address, and every transfer as it moves on.

import { answer } from '@placket/api'
import { computed, type Ref } from 'vue'
import { api } from '../../api.ts'
import { onLive } from '../../shell/useLive.ts'
import { usePages } from '../../shell/usePages.ts'
import type { TransferRow, Which } from './transfer.ts'

export function useTransfers(which: Ref<Which>, placeId: Ref<string>) {
  const wanted = computed(() => ({ which: which.value, place_id: placeId.value || undefined }))
  const list = usePages<TransferRow>({
    key: () => ['transfers', wanted.value],
    fetch: (cursor, signal) => answer(api.GET('/api/transfers', { params: { query: { ...wanted.value, limit: 60, cursor } }, signal })),
    idOf: (row) => row.id,
  })
  // A transfer that moves on may leave this list: it is asked for anew, not only its head.
  onLive(['transfer.changed'], () => void list.query.refetch())
  return list
}
