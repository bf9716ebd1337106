// Decides what has changed of a person and sends exactly that, as read at a version: who saves second is told.

import { answer, type Schemas } from '@placket/api'
import { drawBadge, PAGES, printPages } from '@placket/paper'
import { toast } from '@placket/ui'
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { computed, ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { isEmail } from './checks.ts'
import type { RoleHeld } from './useRoleNames.ts'

type Change = Schemas['StaffChange']

export function useStaffCard(person: () => Schemas['StaffShown']) {
  const { t } = useI18n()
  const client = useQueryClient()
  const name = ref(person().full_name)
  const email = ref(person().email ?? '')
  const roles = ref<RoleHeld[]>([...person().roles])
  const tried = ref(false)

  const errors = computed(() => ({
    name: name.value.trim() ? undefined : t('error.required'),
    email: !email.value || isEmail(email.value) ? undefined : t('staff.wrong_email'),
  }))
  const change = computed<Omit<Change, 'version'>>(() => ({
    ...(name.value.trim() === person().full_name ? {} : { full_name: name.value.trim() }),
    ...(email.value.trim() === (person().email ?? '') ? {} : { email: email.value.trim() || null }),
    ...(JSON.stringify(roles.value) === JSON.stringify(person().roles) ? {} : { roles: roles.value as Schemas['RoleGiven'][] }),
  }))
  const changed = computed(() => Object.keys(change.value).length > 0)

  const save = useMutation({
    mutationFn: (body: Omit<Change, 'version'>) =>
      answer(api.PATCH('/api/staff/{staff_id}', { params: { path: { staff_id: person().id } }, body: { version: person().version, ...body } })),
    onSuccess: async (saved, sent) => {
      const key = sent.status === 'left' ? 'staff.left_done' : sent.status === 'active' ? 'staff.returned' : 'staff.saved'
      toast(t(key, { name: saved.full_name }))
      await client.invalidateQueries({ queryKey: ['staff'] })
    },
  })

  function submit(): void {
    tried.value = true
    if (errors.value.name === undefined && errors.value.email === undefined) save.mutate(change.value)
  }

  const setStatus = (status: 'active' | 'left') => save.mutate({ status })
  const path = () => ({ params: { path: { staff_id: person().id } } })

  async function setPin(pin: string): Promise<void> {
    await api.POST('/api/staff/{staff_id}/pin', { ...path(), body: { pin } })
    toast(t('staff.pin_set', { name: person().full_name }))
    await client.invalidateQueries({ queryKey: ['staff'] })
  }

  async function setPassword(password: string): Promise<void> {
    await api.POST('/api/staff/{staff_id}/password', { ...path(), body: { password } })
    toast(t('staff.password_set', { name: person().full_name }))
    await client.invalidateQueries({ queryKey: ['staff'] })
  }

  const badge = useMutation({
    mutationFn: async () => {
      const { code } = await answer(api.POST('/api/staff/{staff_id}/badge', path()))
      const { full_name: holder, code: number } = person()
      await printPages([await drawBadge({ company: t('staff.badge'), name: holder, number, code })], PAGES.tag)
    },
    onSuccess: async () => {
      toast(t('staff.badge_made', { name: person().full_name }))
      await client.invalidateQueries({ queryKey: ['staff'] })
    },
  })

  return { badge, name, email, roles, tried, errors, changed, save, submit, setStatus, setPin, setPassword }
}
