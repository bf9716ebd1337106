import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    restoreMocks: true,
    unstubGlobals: true,
    // Two workers: the machines that run this have two cores.
    maxWorkers: 2,
    env: { TZ: 'UTC' },
    projects: [
      // What a till does is pure: it needs no browser, and keeps nothing from one file to the next.
      { extends: true, test: { name: 'selling', include: ['packages/selling/src/**/*.test.ts'], environment: 'node', isolate: false } },
      {
        extends: true,
        test: { name: 'apps', include: ['packages/{api,ui,paper}/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'], environment: 'happy-dom' },
      },
    ],
  },
})
