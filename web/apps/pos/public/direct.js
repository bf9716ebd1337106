// What is asked of the server goes straight to the network, past the service worker: nothing of it is ever kept here, and a
// worker that sleeps need not be woken to let a sale through.
addEventListener('install', (event) => {
  event.addRoutes?.({ condition: { urlPattern: { pathname: '/api/*' } }, source: 'network' })
})
