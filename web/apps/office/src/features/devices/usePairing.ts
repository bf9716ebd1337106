// Decides which till a code is for, counts its time down, and notices when a device has used it.

import { answer, type Schemas } from '@placket/api'
import { useMutation } from '@tanstack/vue-query'
import { computed, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api } from '../../api.ts'
import { useClock } from '../../shell/useClock.ts'
import { useMe, usePlaces } from '../../shell/useSession.ts'

type Till = Schemas['TillListed']

export function usePairing(tills: () => readonly Till[], chosen: () => string, open: Ref<boolean>) {
  const { t } = useI18n()
  const { may } = useMe()
  const { branches, nameOf } = usePlaces()
  const placeId = ref('')
  const tillId = ref('')
  const name = ref('')
  const madeAt = ref(0)
  const now = useClock(1_000)

  const branchOptions = computed(() => branches.value.filter((place) => may('till.pair', place.id)).map((place) => ({ value: place.id, label: place.name })))
  const mine = computed(() => tills().filter((till) => till.location_id === placeId.value))
  const tillOptions = computed(() => [
    ...mine.value.map((till) => ({ value: till.id, label: `${till.code} · ${till.name}${till.paired_at === null ? ` (${t('devices.waiting').toLowerCase()})` : ''}` })),
    { value: '', label: t('devices.pair_new') },
  ])

  const wish = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/tills/pairing-codes', {
          body: { location_id: placeId.value, till_id: tillId.value || null, till_name: mine.value.find((till) => till.id === tillId.value)?.name ?? name.value.trim() },
        }),
      ),
    onSuccess: () => (madeAt.value = Date.now()),
  })

  function free(): string {
    return mine.value.find((till) => till.paired_at === null && till.status === 'active')?.id ?? ''
  }

  watch(
    open,
    (now) => {
      if (!now) return
      wish.reset()
      name.value = ''
      const till = tills().find((one) => one.id === chosen())
      placeId.value = till?.location_id ?? branchOptions.value[0]?.value ?? ''
      tillId.value = till?.id ?? free()
    },
    { immediate: true },
  )
  watch(branchOptions, (options) => (placeId.value ||= options[0]?.value ?? ''))
  watch([placeId, mine], () => {
    if (!mine.value.some((till) => till.id === tillId.value)) tillId.value = free()
  })

  const code = computed(() => wish.data.value?.code ?? '')
  const left = computed(() => {
    const seconds = Math.ceil((Date.parse(wish.data.value?.expires_at ?? '') - now.value) / 1_000)
    return seconds > 0 ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}` : ''
  })
  /** The till that a device has become since the code was made. */
  const done = computed(() =>
    code.value === '' ? '' : (mine.value.find((till) => till.paired_at !== null && Date.parse(till.paired_at) >= madeAt.value && (tillId.value === '' || till.id === tillId.value))?.code ?? ''),
  )
  return {
    placeId, tillId, name, branchOptions, tillOptions, code, left, done, wish,
    submit: () => wish.mutate(),
    again: () => wish.reset(),
    address: `${location.host}/pos`,
    placeName: computed(() => nameOf(placeId.value)),
  }
}
