// Paper: rows and tags drawn as a thermal printer burns them, and the browser's own print path.
export { drawBadge, type BadgeFacts } from './badge'
export { drawRows, type Drawing, type Placed } from './draw'
export { PAGES, printPages } from './printPage'
export { drawTag, type TagFacts } from './tag'
export { qrPath } from './qr'
