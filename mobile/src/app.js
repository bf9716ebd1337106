// What the app shows when the shop cannot be reached: it goes there again when asked, and by itself when the network is back.
const open = () => window.location.replace(window.SHOP)

document.querySelector('#again').addEventListener('click', (event) => {
  event.preventDefault()
  open()
})
window.addEventListener('online', open)
