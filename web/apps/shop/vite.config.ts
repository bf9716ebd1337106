import { defineConfig, mergeConfig } from 'vite'
import { app } from '../../vite.shared.ts'
import { prerendered } from './prerender.ts'

// The pages come from the server: it looks the entry, its style and its fonts up in the manifest.
export default defineConfig(
  mergeConfig(app('shop', 5175), {
    plugins: [prerendered()],
    build: {
      manifest: true,
      rolldownOptions: {
        input: { main: new URL('src/main.ts', import.meta.url).pathname },
        // What several pages need is one file: each file is a journey of its own over a phone's network.
        output: { codeSplitting: { groups: [{ name: 'shared', minShareCount: 2 }] } },
      },
    },
  }),
)
