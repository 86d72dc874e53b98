/* Pinyin initials of callsigns: 巡车07 is typed xc07. Chinese characters are found between the first
   character of each initial in the order of pinyin, which the browser knows. */
const FIRSTS: readonly [string, string][] = [
  ['阿', 'a'], ['八', 'b'], ['嚓', 'c'], ['咑', 'd'], ['妸', 'e'], ['发', 'f'], ['旮', 'g'], ['哈', 'h'], ['丌', 'j'],
  ['咔', 'k'], ['垃', 'l'], ['妈', 'm'], ['拏', 'n'], ['噢', 'o'], ['妑', 'p'], ['七', 'q'], ['呥', 'r'], ['仨', 's'],
  ['他', 't'], ['屲', 'w'], ['夕', 'x'], ['丫', 'y'], ['帀', 'z'],
]
const order = new Intl.Collator('zh-CN-u-co-pinyin')
const known = new Map<string, string>()

function initial(char: string): string {
  if (!/\p{Script=Han}/u.test(char)) return char
  let found = known.get(char)
  if (found === undefined) {
    found = FIRSTS.reduce((best, [first, letter]) => order.compare(first, char) <= 0 ? letter : best, 'a')
    known.set(char, found)
  }
  return found
}
export function initials(text: string): string { return [...text].map(initial).join('') }
