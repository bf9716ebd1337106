import { restoreTheme } from '@placket/ui'
import { VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import App from './App.vue'
import { queries } from './api.ts'
import { i18n } from './i18n/index.ts'
import { router } from './router.ts'
import './style.css'

restoreTheme()
createApp(App).use(i18n).use(router).use(VueQueryPlugin, { queryClient: queries }).mount('#app')
