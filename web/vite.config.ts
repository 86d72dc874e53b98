import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/* Three pages, one build. Nothing is inlined, so that the content security policy can stay strict
   and every asset can be cached for ever under its hash. */
export default defineConfig({
  plugins: [vue()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1300,
    rolldownOptions: {
      input: { console: 'index.html', field: 'field.html', portal: 'portal.html' },
      output: {
        codeSplitting: {
          groups: [
            { name: 'maplibre', test: /node_modules[\\/]maplibre-gl/ },
            { name: 'element', test: /node_modules[\\/](element-plus|@element-plus|@floating-ui|lodash|async-validator|dayjs)/ },
            { name: 'vue', test: /node_modules[\\/](@?vue|vue-i18n|@intlify)/ },
          ],
        },
      },
    },
  },
})
