import { readFileSync } from 'node:fs'
import { VitePWA } from 'vite-plugin-pwa'
import { defineConfig, mergeConfig } from 'vite'
import { app } from '../../vite.shared.ts'

const project = readFileSync(new URL('../../../pyproject.toml', import.meta.url), 'utf8')
const version = /^version = "([^"]+)"/m.exec(project)?.[1] ?? ''
const PICTURES_KEPT = 4_000

export default defineConfig(mergeConfig(app('pos', 5173), {
  define: { 'import.meta.env.VITE_VERSION': JSON.stringify(version) },
  plugins: [
    VitePWA({
      // The app itself decides when a new version may take over: never in a sale, never with something unsent.
      registerType: 'prompt',
      injectRegister: null,
      manifest: {
        name: 'Placket',
        short_name: 'Placket',
        lang: 'vi',
        display: 'standalone',
        background_color: '#f7f5f1',
        theme_color: '#0e5a4f',
        icons: [{ src: 'icon.svg', sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
      },
      workbox: {
        importScripts: ['direct.js'],
        globPatterns: ['**/*.{js,css,html,svg,woff2,wasm}'],
        clientsClaim: true,
        navigateFallback: '/pos/index.html',
        navigateFallbackDenylist: [/^\/(?!pos(?:\/|$))/],
        runtimeCaching: [
          {
            urlPattern: ({ sameOrigin, url }: { sameOrigin: boolean; url: URL }) => sameOrigin && url.pathname.startsWith('/media/'),
            handler: 'CacheFirst',
            options: {
              cacheName: 'pictures',
              expiration: { maxEntries: PICTURES_KEPT, purgeOnQuotaError: true },
              cacheableResponse: { statuses: [200] },
            },
          },
        ],
      },
    }),
  ],
}))
