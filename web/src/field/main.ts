import { createApp } from 'vue'
import '../base/base.css'
import { i18n, i18n_add, i18n_page } from '../i18n'
import en from '../i18n/en/field.json'
import zh from '../i18n/zh-CN/field.json'
import safety_en from '../i18n/en/safety.json'
import safety_zh from '../i18n/zh-CN/safety.json'
import FieldApp from './FieldApp.vue'

i18n_page(zh, en, 'title.field')
i18n_add(safety_zh, safety_en)
createApp(FieldApp).use(i18n).mount('#app')
