// Paper: rows and tags drawn as a thermal printer burns them, and the browser's own print path.
export { drawRows, type Drawing, type Placed } from './draw'
export { pngOf, printPages } from './printPage'
export { drawTag, TAG_DOTS, type TagFacts } from './tag'
