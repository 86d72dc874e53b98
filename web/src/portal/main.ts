import { createApp } from 'vue'
import '../base/base.css'
import { i18n, i18n_page } from '../i18n'
import en from '../i18n/en/portal.json'
import zh from '../i18n/zh-CN/portal.json'
import PortalApp from './PortalApp.vue'

i18n_page(zh, en, 'title.portal')
createApp(PortalApp).use(i18n).mount('#app')
