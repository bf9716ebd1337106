// Makes what the app carries with it (www/) and the address that it opens: `SHOP_ADDRESS=https://shop.example.vn node bundle.mjs`.
// The pages themselves come from the shop, as in a browser; its worker keeps cart and card on the device.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const out = process.env.APP_OUT ?? here
const address = process.env.SHOP_ADDRESS ?? ''
if (!/^https:\/\/[^/\s]+$/.test(address)) {
  console.error('SHOP_ADDRESS must be the address of the shop, https://… without a path')
  process.exit(1)
}

const www = join(out, 'www')
rmSync(www, { recursive: true, force: true })
mkdirSync(www, { recursive: true })
cpSync(join(here, 'src'), www, { recursive: true })
cpSync(join(here, '..', 'web', 'apps', 'shop', 'public', 'icon.svg'), join(www, 'icon.svg'))
writeFileSync(join(www, 'shop.js'), `window.SHOP = ${JSON.stringify(address)}\n`)

// The address belongs to whoever builds the app, so it is written for them and not kept in the project.
const config = JSON.parse(readFileSync(join(here, 'config.base.json'), 'utf8'))
config.server.url = address
config.server.allowNavigation = [new URL(address).host, 'checkout.stripe.com']
if (process.env.APP_ID) config.appId = process.env.APP_ID
if (process.env.APP_NAME) config.appName = process.env.APP_NAME
writeFileSync(join(out, 'capacitor.config.json'), `${JSON.stringify(config, null, 2)}\n`)
console.log(`${www} opens ${address}`)
