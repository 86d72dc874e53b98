/* The verbs of the command line: the trade's words in both languages and their pinyin initials, and
   what may follow. One row a verb; what it does stands in run.ts under the same code. */

export interface Verb {
  code: string
  zh: readonly string[]
  pinyin: readonly string[]
  en: readonly string[]
  incident: 'no' | 'one' | 'two'
  units: 'no' | 'some' | 'needed'
  /* A text is what is left, after a colon where units are named. */
  text: 'no' | 'some' | 'needed'
  has_priority?: boolean
}

const VIEW = { incident: 'no', units: 'no', text: 'no' } as const
const ON_INCIDENT = { incident: 'one', units: 'no', text: 'no' } as const
const SENDS = { incident: 'one', units: 'some', text: 'some' } as const
const BY_RADIO = { incident: 'no', units: 'needed', text: 'no' } as const

export const VERBS: readonly Verb[] = [
  { code: 'take', zh: ['接警'], pinyin: ['jj'], en: ['take', 'new'], ...VIEW },
  { code: 'dispatch', zh: ['派警'], pinyin: ['pj'], en: ['dispatch', 'send'], ...SENDS },
  { code: 'backup', zh: ['增援'], pinyin: ['zy'], en: ['backup'], ...SENDS, units: 'needed' },
  { code: 'divert', zh: ['改派'], pinyin: ['gp'], en: ['divert'], ...SENDS, units: 'needed' },
  { code: 'reserve', zh: ['预留'], pinyin: ['yl'], en: ['reserve'], ...SENDS },
  { code: 'see', zh: ['签收'], pinyin: ['qs'], en: ['ack', 'acknowledge'], ...BY_RADIO },
  { code: 'depart', zh: ['出动'], pinyin: ['cd'], en: ['enroute'], ...BY_RADIO },
  { code: 'stage', zh: ['集结'], pinyin: ['jij'], en: ['stage'], ...BY_RADIO },
  { code: 'arrive', zh: ['到场'], pinyin: ['dc'], en: ['onscene', 'arrive'], ...BY_RADIO },
  { code: 'clear', zh: ['完毕', '处置完毕'], pinyin: ['wb'], en: ['clear'], ...BY_RADIO },
  { code: 'check', zh: ['平安'], pinyin: ['pa'], en: ['well'], ...BY_RADIO },
  { code: 'ask', zh: ['询问'], pinyin: ['xw'], en: ['ask'], ...BY_RADIO },
  { code: 'sos', zh: ['求助'], pinyin: ['qz'], en: ['emergency', 'sos'], ...BY_RADIO },
  { code: 'hear', zh: ['知悉'], pinyin: ['zx'], en: ['heard'], ...VIEW },
  { code: 'recall', zh: ['撤回'], pinyin: ['ch'], en: ['recall', 'cancel'], ...BY_RADIO, text: 'needed' },
  { code: 'note', zh: ['反馈', '备注'], pinyin: ['fk', 'bz'], en: ['note'], incident: 'one', units: 'no', text: 'needed' },
  { code: 'priority', zh: ['级别'], pinyin: ['jb'], en: ['priority'], incident: 'one', units: 'no', text: 'needed', has_priority: true },
  { code: 'control', zh: ['控制'], pinyin: ['kz'], en: ['control'], ...ON_INCIDENT },
  { code: 'close', zh: ['办结'], pinyin: ['bj'], en: ['close'], ...ON_INCIDENT, text: 'some' },
  { code: 'review', zh: ['回访'], pinyin: ['hf'], en: ['review'], ...ON_INCIDENT },
  { code: 'reopen', zh: ['重启'], pinyin: ['cq'], en: ['reopen'], ...ON_INCIDENT, text: 'needed' },
  { code: 'merge', zh: ['警情合并', '并案', '合并'], pinyin: ['jqhb', 'hb', 'ba'], en: ['merge'], incident: 'two', units: 'no', text: 'no' },
  { code: 'transfer', zh: ['移交'], pinyin: ['yj'], en: ['transfer'], ...ON_INCIDENT },
  { code: 'schedule', zh: ['预约'], pinyin: ['yy'], en: ['schedule'], ...ON_INCIDENT },
  { code: 'escalate', zh: ['升级'], pinyin: ['sj'], en: ['escalate'], ...ON_INCIDENT },
  { code: 'open', zh: ['打开'], pinyin: ['dk'], en: ['open'], ...ON_INCIDENT },
  { code: 'find', zh: ['定位'], pinyin: ['dw'], en: ['find'], ...BY_RADIO },
  { code: 'sign_on', zh: ['上勤'], pinyin: ['sq'], en: ['on'], ...BY_RADIO },
  { code: 'sign_off', zh: ['下勤'], pinyin: ['xq'], en: ['off'], ...BY_RADIO },
  { code: 'suspend', zh: ['停用'], pinyin: ['ty'], en: ['suspend'], ...BY_RADIO, text: 'needed' },
  { code: 'resume', zh: ['恢复'], pinyin: ['hfdm'], en: ['resume'], ...BY_RADIO },
  { code: 'desk', zh: ['指挥台'], pinyin: ['zht'], en: ['desk'], ...VIEW },
  { code: 'search', zh: ['查询'], pinyin: ['cx'], en: ['search'], ...VIEW },
  { code: 'duty', zh: ['值班'], pinyin: ['zb'], en: ['duty'], ...VIEW },
  { code: 'posts', zh: ['布防'], pinyin: ['bf'], en: ['posts'], ...VIEW },
]

export function words_of(verb: Verb): string[] { return [...verb.zh, ...verb.pinyin, ...verb.en] }
