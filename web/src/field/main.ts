import { createApp } from 'vue'
import '../base/base.css'
import { i18n, i18n_page } from '../i18n'
import en from '../i18n/en/field.json'
import zh from '../i18n/zh-CN/field.json'
import FieldApp from './FieldApp.vue'

i18n_page(zh, en, 'title.field')
createApp(FieldApp).use(i18n).mount('#app')
