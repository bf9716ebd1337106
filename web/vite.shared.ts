// What the web apps build alike: Vue, Tailwind, and in development a proxy to the API.
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import type { UserConfig } from 'vite'

const api = process.env.PLACKET_API ?? 'http://127.0.0.1:8000'

/** The configuration of an app that is served below `/name/`. */
export function app(name: string, port: number): UserConfig {
  return {
    base: `/${name}/`,
    plugins: [vue(), tailwindcss()],
    // The content security policy allows fonts from our own address only, so nothing is inlined as `data:`.
    build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 600 },
    server: {
      port: Number(process.env.PORT ?? port),
      strictPort: true,
      proxy: {
        '/api': { target: api, changeOrigin: false },
        '/media': { target: api, changeOrigin: false },
        '/ws': { target: api, changeOrigin: false, ws: true },
      },
    },
  }
}
