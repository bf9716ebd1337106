// Pictures of a style and its colours: made small in the browser before they travel, so that a photograph of 12 MB is no trouble.

import { answer } from '@placket/api'
import { useMutation, useQueryClient } from '@tanstack/vue-query'
import { api } from '../../api.ts'

export const PICTURE_TYPES = 'image/png,image/jpeg,image/webp'
const EDGE_MAX = 1_600
const QUALITY = 0.86

/** The picture as WebP with its longer edge at most 1,600 px; raises when the file is no picture. */
async function small(file: File): Promise<Blob> {
  const bitmap = await createImageBitmap(file)
  const scale = Math.min(1, EDGE_MAX / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  canvas.getContext('2d')!.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new TypeError('no picture'))), 'image/webp', QUALITY))
}

export class NoPicture extends Error {}

export function usePictures(styleId: () => string) {
  const client = useQueryClient()
  const again = (): void => {
    void client.invalidateQueries({ queryKey: ['style', styleId()] })
    void client.invalidateQueries({ queryKey: ['styles'] })
  }
  const add = useMutation({
    mutationFn: async ({ files, colourId }: { files: readonly File[]; colourId: string | undefined }) => {
      for (const file of files) {
        const body = await small(file).catch(() => Promise.reject(new NoPicture(file.name)))
        const form = new FormData()
        form.append('file', body, 'picture.webp')
        form.append('style_id', styleId())
        if (colourId !== undefined) form.append('colour_id', colourId)
        await answer(api.POST('/api/catalogue/pictures', { body: form as never, bodySerializer: (given: unknown) => given as FormData }))
      }
    },
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: (id: string) => api.DELETE('/api/catalogue/pictures/{picture_id}', { params: { path: { picture_id: id } } }),
    onSettled: again,
  })
  const sort = useMutation({
    mutationFn: (ids: string[]) => api.PUT('/api/catalogue/styles/{style_id}/pictures', { params: { path: { style_id: styleId() } }, body: { picture_ids: ids } }),
    onSettled: again,
  })
  return { add, remove, sort }
}

/** The pictures with one of them before another; the others keep their order. */
export function movedBefore(ids: readonly string[], moved: string, before: string): string[] {
  if (moved === before) return [...ids]
  return ids.filter((id) => id !== moved).flatMap((id) => (id === before ? [moved, id] : [id]))
}
