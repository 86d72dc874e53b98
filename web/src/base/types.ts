/* Shapes of what the server sends. Names are those of the API; a missing value is an absent field. */

export interface Place { lat: number; lon: number }
export type Kind =
  | 'signal' | 'incident' | 'assignment' | 'unit' | 'call' | 'post' | 'area' | 'body'
  | 'type' | 'plan' | 'user' | 'closure' | 'roster' | 'handover' | 'timing'
  | 'hazard_kind' | 'hazard' | 'emergency' | 'notice'

/* Every row is an object of the desk. `seq` is its version. */
export interface Row { id: string; seq: number }

/* By stamp, the latest correction; the stamp itself stays as it was. */
export type Corrections = Record<string, { value: string; was: string | null; by: string | null; reason: string; at: string }>

export interface Signal extends Row {
  stage: string; source: string; category?: string; place?: Place; accuracy_m?: number
  area?: string; words?: string | null; contact?: string | null; confidence?: number; blob?: string
  raised_us: string; expires_us?: string; verifier?: string; verifying_us?: string
  settled_us?: string; incident?: string; duplicate_of?: string; reason?: string; address?: string
  public_text?: string; published_us?: string; publisher?: string
}

export interface Incident extends Row {
  stage: string; type: string; type_version?: number; initial_priority: string; priority: string
  proposed_priority?: string; plan?: string; proposed_plan?: string; level?: number; source: string
  area?: string; address?: string; chosen?: Place; chosen_accuracy_m?: number; chosen_by?: string
  suggested?: Place; suggested_text?: string; suggested_accuracy_m?: number
  verified?: Place; verified_accuracy_m?: number; verified_by?: string
  words?: string | null; caller_name?: string | null; caller_number?: string | null
  call?: string; signal?: string; is_exercise?: boolean; is_simulated?: boolean
  external_ref?: string; merged_into?: string; to_body?: string; receipt?: string
  disposition?: string; outcome?: string; remark?: string | null
  received_us: string; entered_us?: string; scheduled_us?: string; dispatched_us?: string
  acknowledged_us?: string; en_route_us?: string; on_scene_us?: string; controlled_us?: string
  cleared_us?: string; closed_us?: string; reviewed_us?: string
  reopened_count?: number; merged_count?: number; note_count?: number
  assignments?: string[]; answers?: Record<string, unknown>; creator?: string
  merged?: string[]; transferred_us?: string; reclosed_us?: string; overdue_us?: string; corrections?: Corrections
  bell?: Bell; bell_us?: string
}

export interface Assignment extends Row {
  stage: string; incident: string; unit: string; area?: string; recommendation?: string
  reason?: string; result?: string; remark?: string | null; takes_from?: string
  reserved_us?: string; sent_us?: string; seen_us?: string; en_route_us?: string
  staged_us?: string; on_scene_us?: string; ended_us?: string; sender?: string
  offered_us?: string; is_out_of_order?: boolean; overdue_us?: string; corrections?: Corrections
  /* The only unit on scene since; asked whether all is well; not answered in time; last answer. */
  alone_us?: string; asked_us?: string; missed_us?: string; checked_us?: string; checked_by?: string
  bell?: Bell; bell_us?: string
}

export interface Unit extends Row {
  readiness: string; callsign: string; kind: string; profile: string; capabilities?: string
  post?: string; body: string; area?: string; min_crew?: number; crew?: number; members?: string[]
  is_community?: boolean; is_no_dispatch?: boolean; active?: string; stacked?: string[]
  place?: Place; placed_us?: string; signed_on_us?: string; until_us?: string
  readiness_us?: string; reason?: string; diverted_count?: number; turnout_s?: number
  /* Open notices that this crew has confirmed. */
  confirmed?: string[]
}

export interface Call extends Row {
  stage: string; number?: string | null; line: string; external_ref: string; place?: Place
  accuracy_m?: number; area?: string; ringing_us: string; answered_us?: string; ended_us?: string
  answerer?: string; is_silent?: boolean; outcome?: string; incident?: string
  called_back_us?: string; overdue_us?: string
}

export interface Post extends Row {
  code: string; name: string; kind: string; place: Place; body?: string; area?: string
  is_fictional?: boolean
}

export interface Area extends Row {
  code: string; name: string; level: number; parent?: string; station?: string
  officer?: string; phone?: string; is_fictional?: boolean; shape?: GeoJSON.Geometry
}

export interface Body extends Row { code: string; name: string; parent?: string; kind: string }

export interface Closure extends Row {
  path: GeoJSON.Geometry; profiles?: string; factor?: number; from_us: string; until_us?: string
  reason: string; name?: string; lifted_us?: string
  is_in_force?: boolean
}

export interface Roster extends Row { day: string; shift: string; body: string; duties: Duty[] }
export interface Duty { duty: string; user?: string; unit?: string; from?: string; until?: string }

/* By kind of object: how many were open, and their ids. */
export type OpenItems = Partial<Record<Kind, { count: number; ids: string[] }>>

export interface Handover extends Row {
  shift: string; signed_by: string; signed_us: string; accepted_by?: string; accepted_us?: string
  open_items?: OpenItems; remark?: string | null; area?: string
}

/* What the room must hear, until somebody takes note of it or works on it. */
export type Bell = 'safety' | 'unseen' | 'urgent' | 'waiting' | 'new'

export interface HazardKind extends Row {
  code: string; name_zh: string; name_en: string; letter: string; near_m: number; keep_days: number
}
/* A label on a place; it names no person but its author. */
export interface Hazard extends Row {
  kind: string; place: Place; shape?: GeoJSON.Geometry; address?: string; note: string; ground: string
  author?: string; area?: string; set_us: string; until_us: string; lifted_us?: string; amended_us?: string
}
export interface NearHazard { distance_m: number; is_inside: boolean; hazard: Hazard }

export interface Emergency extends Row {
  stage: 'raised' | 'acknowledged' | 'cleared'; unit: string; incident?: string; place?: Place; accuracy_m?: number
  placed_us?: string; area?: string; raised_us: string; pressed_us: string
  acknowledged_us?: string; acknowledged_by?: string; name?: string
  overdue_us?: string; cleared_us?: string; cleared_by?: string; reason?: string
}

export interface Notice extends Row {
  text: string; is_urgent?: boolean; author?: string; posted_us: string; until_us: string; withdrawn_us?: string
}

/* A unit on the same incident. */
export interface Member {
  unit: string; callsign: string; kind: string; crew: number; stage: string; since?: string; eta_s?: number
}

/* After how long the desk flags what waits, seconds. There is one. */
export interface Timing extends Row {
  unseen_s: number; call_back_s: number; receipt_s: number
  waiting_p0_s: number; waiting_p1_s: number; waiting_p2_s: number; waiting_p3_s: number; waiting_p4_s: number
  check_s?: number; answer_s?: number; emergency_s?: number
}

export interface User extends Row {
  login: string; name: string; role: string; body: string; area?: string; unit?: string
}

export interface Position { unit: string; place: Place; at: string; speed_mm_s?: number; course_cdeg?: number }

export interface LogItem {
  seq: number; event: string; object: string; at: string; recorded: string; at_source: string
  actor?: { id: string; name?: string } | null; fields: Record<string, unknown>
}

export interface Pick {
  unit: string; callsign: string; capability?: string; eta_s: number; position_age_s: number
  place?: Place; reasons?: string[]; path_m?: number
  /* Of eta_s, until it moves. */
  turnout_s?: number
  /* Demand that nobody else idle reaches within each limit if it alone is sent. */
  cover_lost?: number[]
}
export interface Shortfall { capability: string; missing: number; cause: string }
export interface Recommendation {
  as_of_seq: number; road_seq: number; digest: string; picks: Pick[]; runner_up: Pick[]
  shortfalls: Shortfall[]; considered: number; is_place_closed?: boolean
  cover?: Cover & { lost: number[] }
}

export interface Cover {
  limits_s: number[]; source: string; calls: number; cells: number; demand: number; reached: number[]
}
export interface Ledger extends Cover {
  as_of: number
  areas: { area?: string; demand: number; reached: number[] }[]
  units: { unit: string; callsign: string; is_idle: boolean; worth: number[] }[]
}

export interface PlaceHit {
  text: string; text_zh?: string; kind: string; place: Place; accuracy_m?: number; score?: number
}

export interface Resolved {
  areas: { id: string; code: string; name: string; level: number }[]
  station?: string; officer?: string; phone?: string
  nearest_street?: { name: string; metres: number }; is_near_border?: boolean
}

export interface MapMeta {
  bounds: [number, number, number, number]; centre: [number, number]; zoom: [number, number]
  attribution: string; city: string; name: { zh: string; en: string }
}

export interface Session {
  user: { id: string; login: string; name: string; role: string; body?: string; area?: string; unit?: string }
  csrf: string; expires: string; realm: number; city: string; zone: string; languages?: string[]
}
