import { createApp } from 'vue'
import '../base/base.css'
import { i18n, i18n_page } from '../i18n'
import en from '../i18n/en/console.json'
import zh from '../i18n/zh-CN/console.json'
import ConsoleApp from './ConsoleApp.vue'

i18n_page(zh, en, 'title.console')
createApp(ConsoleApp).use(i18n).mount('#app')
