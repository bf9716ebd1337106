import { restoreTheme } from '@placket/ui'
import { createApp } from 'vue'
import App from './App.vue'
import { apply, i18n } from './i18n'
import './style.css'

restoreTheme()
apply()
createApp(App).use(i18n).mount('#app')
