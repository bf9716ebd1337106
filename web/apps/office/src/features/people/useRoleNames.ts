// The names of roles and verbs as the server keeps them, and where somebody holds which.

import { answer } from '@placket/api'
import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { language } from '../../i18n/index.ts'
import { usePlaces } from '../../shell/useSession.ts'

export interface RoleHeld {
  role: string
  location_id: string | null
}

export function useRoleNames() {
  const { t } = useI18n()
  const { nameOf } = usePlaces()
  const query = useQuery({ queryKey: ['roles'], queryFn: () => answer(api.GET('/api/roles')), staleTime: 5 * 60_000 })
  const named = (item: { name_vi: string; name_en: string }) => (language() === 'vi' ? item.name_vi : item.name_en)
  const roles = computed(() => (query.data.value?.roles ?? []).map((role) => ({ value: role.role, label: named(role) })))
  const roleName = (code: string) => roles.value.find((role) => role.value === code)?.label ?? code
  const whereOf = (held: RoleHeld) => (held.location_id === null ? t('common.whole_chain') : nameOf(held.location_id))

  /** `Cửa hàng trưởng · Tràng Tiền`. */
  const sentence = (held: readonly RoleHeld[]): string =>
    held.map((one) => `${roleName(one.role)} · ${whereOf(one)}`).join(', ') || t('staff.no_roles')

  return { query, roles, roleName, whereOf, sentence, named }
}
