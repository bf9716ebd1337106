import { defineConfig, mergeConfig } from 'vite'
import { app } from '../../vite.shared.ts'

// The pages come from the server: it looks the entry, its style and its fonts up in the manifest.
export default defineConfig(
  mergeConfig(app('shop', 5175), {
    build: { manifest: true, rolldownOptions: { input: { main: new URL('src/main.ts', import.meta.url).pathname } } },
  }),
)
