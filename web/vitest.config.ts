import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: {
    environment: 'happy-dom',
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
    restoreMocks: true,
    unstubGlobals: true,
    // Two workers: the machines that run this have two cores.
    maxWorkers: 2,
    env: { TZ: 'UTC' },
  },
})
