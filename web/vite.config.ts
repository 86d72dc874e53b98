import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { field_shell } from './field-shell'
import { packed } from './packed'

/* Three pages, one build. Nothing is inlined, so that the content security policy can stay strict
   and every asset can be cached for ever under its hash. */
export default defineConfig({
  plugins: [vue(), field_shell(), packed()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: { console: 'index.html', field: 'field.html', portal: 'portal.html' },
      output: {
        codeSplitting: {
          /* A group draws in what it needs itself, so what all share comes first: else every page would
             load the console's widgets for the sake of Vue. */
          groups: [
            { name: 'vue', priority: 3, test: /node_modules[\\/](@?vue|vue-i18n|@intlify)/ },
            { name: 'maplibre', priority: 2, test: /node_modules[\\/]maplibre-gl/ },
            { name: 'element', priority: 1, test: /node_modules[\\/](element-plus|@element-plus|@floating-ui|lodash|async-validator|dayjs)/ },
          ],
        },
      },
    },
  },
})
