/* Reads one line of the command line: a verb, an incident, units, a text. Pure: what there is to name
   is handed in, so the same line always means the same, and nothing is done here.
     派警 #12 巡车07 铁骑3        dispatch 12 car 7, car 8        pj xc7
   `#12` is always an incident. A bare number is the incident while the verb wants one and none is named
   and one of that number is open; else it is a unit. Without a number the chosen incident is meant. */
import { initials } from './pinyin'
import { VERBS, words_of, type Verb } from './verbs'

export interface World {
  units: readonly { id: string; callsign: string }[]
  incidents: readonly { id: string; number: string }[]
  chosen: string | null
}
export type Need = 'verb' | 'incident' | 'other' | 'units' | 'priority' | 'text'
export interface Parsed {
  verb: Verb | null
  incident: string | null
  other: string | null
  units: string[]
  priority: string | null
  text: string
  /* A word that means nothing here, or too much. */
  fault: { kind: 'verb' | 'unit' | 'incident' | 'many'; word: string } | null
  missing: Need[]
  /* What the last word could become; `from` is where that word begins. */
  candidates: string[]
  from: number
}

const MAX_CANDIDATES = 8
const MAX_CALLSIGN_WORDS = 3

/* Car 07, car7 and CAR-7 are one name. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[\s\-_.]/g, '').replace(/\d+/g, (digits) => String(Number(digits)))
}

interface Token { text: string; at: number }
function tokens_of(line: string): Token[] {
  return [...line.matchAll(/[^\s,，、]+/g)].map((found) => ({ text: found[0], at: found.index }))
}

export function verb_find(word: string): Verb[] {
  const typed = word.toLowerCase()
  const exact = VERBS.find((verb) => words_of(verb).includes(typed))
  return exact ? [exact] : VERBS.filter((verb) => words_of(verb).some((one) => one.startsWith(typed)))
}

interface Named { id: string; callsign: string; names: string[] }
function named(world: World): Named[] {
  return world.units.map((unit) => ({ ...unit, names: [...new Set([plain(unit.callsign), plain(initials(unit.callsign))])] }))
}
function unit_find(units: Named[], word: string): Named[] {
  const typed = plain(word)
  if (!typed) return []
  const exact = units.filter((unit) => unit.names.includes(typed))
  return exact.length ? exact : units.filter((unit) => unit.names.some((one) => one.startsWith(typed)))
}

/* How many tokens name a unit together: the longest exact name wins, else one token that is a prefix. */
function unit_at(units: Named[], tokens: Token[], at: number): { count: number; found: Named[] } {
  for (let count = Math.min(MAX_CALLSIGN_WORDS, tokens.length - at); count > 0; count--) {
    const word = tokens.slice(at, at + count).map((token) => token.text).join('')
    const found = units.filter((unit) => unit.names.includes(plain(word)))
    if (found.length === 1) return { count, found }
  }
  return { count: 1, found: unit_find(units, tokens[at]!.text) }
}

function empty(): Parsed {
  return { verb: null, incident: null, other: null, units: [], priority: null, text: '', fault: null, missing: [], candidates: [], from: 0 }
}

function incident_of(world: World, parsed: Parsed, word: string): string | undefined {
  const is_wanted = parsed.verb!.incident !== 'no' && (!parsed.incident || (parsed.verb!.incident === 'two' && !parsed.other))
  const typed = /^(#?)(\d+)$/.exec(word)
  if (!is_wanted || !typed) return undefined
  return world.incidents.find((one) => one.number === typed[2])?.id
}

/* Takes the token at `at`; answers how many it used, 0 where the text begins. */
function take(world: World, units: Named[], parsed: Parsed, tokens: Token[], at: number): number {
  const verb = parsed.verb!
  const word = tokens[at]!.text
  const incident = incident_of(world, parsed, word)
  if (incident) {
    if (parsed.incident) parsed.other = incident
    else parsed.incident = incident
    return 1
  }
  if (word.startsWith('#')) { parsed.fault = { kind: 'incident', word }; return 1 }
  const priority = /^p?([0-4])$/i.exec(word)
  if (verb.has_priority && !parsed.priority && priority) { parsed.priority = `P${priority[1]}`; return 1 }
  if (verb.units === 'no') return 0
  const { count, found } = unit_at(units, tokens, at)
  if (found.length === 1) {
    if (!parsed.units.includes(found[0]!.id)) parsed.units.push(found[0]!.id)
  } else parsed.fault ??= { kind: found.length ? 'many' : 'unit', word }
  return count
}

function missing_of(parsed: Parsed): Need[] {
  const verb = parsed.verb
  if (!verb) return ['verb']
  const need: Need[] = []
  if (verb.incident !== 'no' && !parsed.incident) need.push('incident')
  if (verb.incident === 'two' && !parsed.other) need.push('other')
  if (verb.units === 'needed' && !parsed.units.length) need.push('units')
  if (verb.has_priority && !parsed.priority) need.push('priority')
  if (verb.text === 'needed' && !parsed.text) need.push('text')
  return need
}

/* Before a colon stand names, after it the text. */
function split(line: string): { head: string; tail: string } {
  const colon = /[:：]/.exec(line)
  return colon ? { head: line.slice(0, colon.index), tail: line.slice(colon.index + 1).trim() } : { head: line, tail: '' }
}

function complete(world: World, units: Named[], parsed: Parsed, line: string, tokens: Token[]): void {
  const last = tokens.at(-1)
  if (!last || /[\s,，、]$/.test(line) || /[:：]/.test(line)) { parsed.from = line.length; return }
  parsed.from = last.at
  if (tokens.length === 1) {
    const typed = last.text.toLowerCase()
    parsed.candidates = VERBS.flatMap((verb) => words_of(verb).filter((one) => one.startsWith(typed)).slice(0, 1))
  } else if (last.text.startsWith('#')) {
    parsed.candidates = world.incidents.map((one) => `#${one.number}`).filter((one) => one.startsWith(last.text))
  } else if (parsed.verb && parsed.verb.units !== 'no') {
    parsed.candidates = unit_find(units, last.text).map((unit) => unit.callsign)
  }
  parsed.candidates = parsed.candidates.slice(0, MAX_CANDIDATES)
}

export function parse(line: string, world: World): Parsed {
  const parsed = empty()
  const { head, tail } = split(line)
  const tokens = tokens_of(head)
  const units = named(world)
  if (tokens.length) {
    const verbs = verb_find(tokens[0]!.text)
    if (verbs.length === 1) parsed.verb = verbs[0]!
    else parsed.fault = { kind: verbs.length ? 'many' : 'verb', word: tokens[0]!.text }
  }
  for (let at = 1; parsed.verb && at < tokens.length;) {
    const used = take(world, units, parsed, tokens, at)
    if (!used) { parsed.text = head.slice(tokens[at]!.at).trim(); break }
    at += used
  }
  if (tail) parsed.text = [parsed.text, tail].filter(Boolean).join(' ')
  if (parsed.verb?.incident === 'two' && parsed.incident && !parsed.other && world.chosen && world.chosen !== parsed.incident) {
    parsed.other = parsed.incident
    parsed.incident = world.chosen
  }
  if (parsed.verb && parsed.verb.incident !== 'no' && !parsed.incident) parsed.incident = world.chosen
  if (parsed.verb?.text === 'no' && parsed.text && !parsed.fault) parsed.fault = { kind: 'unit', word: parsed.text }
  parsed.missing = missing_of(parsed)
  complete(world, units, parsed, line, tokens)
  return parsed
}
