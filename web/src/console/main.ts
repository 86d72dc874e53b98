import { createApp } from 'vue'
import '../base/base.css'
import { i18n, i18n_add, i18n_page } from '../i18n'
import en from '../i18n/en/console.json'
import room_en from '../i18n/en/room.json'
import zh from '../i18n/zh-CN/console.json'
import room_zh from '../i18n/zh-CN/room.json'
import safety_en from '../i18n/en/safety.json'
import safety_zh from '../i18n/zh-CN/safety.json'
import ConsoleApp from './ConsoleApp.vue'

i18n_page({ ...zh, ...room_zh }, { ...en, ...room_en }, 'title.console')
i18n_add(safety_zh, safety_en)
createApp(ConsoleApp).use(i18n).mount('#app')
