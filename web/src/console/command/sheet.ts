import { ref } from 'vue'
/* Whether the sheet of shortcuts lies open. */
export const is_sheet_open = ref(false)
