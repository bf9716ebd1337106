// Writes the checkout's form into HTML while the app is built, once a language: pages carry it, so that somebody reads and
// types before any script has come. It is rendered by the app's own component, so that the app takes it over as it stands.

import vue from '@vitejs/plugin-vue'
import { build, type Plugin, type Rolldown } from 'vite'

const ENTRY = new URL('src/prerendered.ts', import.meta.url).pathname
const LANGUAGES = ['vi', 'en']

/** The module that renders, in one piece; run here and never delivered. */
async function renderer(): Promise<string> {
  const made = (await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [vue()],
    define: { 'process.env.NODE_ENV': '"production"' },
    ssr: { noExternal: true },
    build: { ssr: ENTRY, write: false, target: 'es2023' },
  })) as Rolldown.RolldownOutput
  return made.output[0].code
}

export function prerendered(): Plugin {
  return {
    name: 'placket-prerendered',
    apply: 'build',
    async generateBundle() {
      const url = `data:text/javascript;base64,${Buffer.from(await renderer()).toString('base64')}`
      const { checkout } = (await import(url)) as { checkout: (language: string) => Promise<string> }
      for (const language of LANGUAGES) {
        this.emitFile({ type: 'asset', fileName: `checkout.${language}.html`, source: await checkout(language) })
      }
    },
  }
}
