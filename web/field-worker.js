/* Keeps the field page itself, so that it opens without signal. What the server says is never kept
   here: a job that is shown without signal comes from the page's own memory and says so. The base map
   has no persons in it and is kept as far as it was looked at.
   The build puts VERSION and SHELL (the page's files) in front. */
/* global VERSION, SHELL */
const KEPT = `field-${VERSION}`
const TILES = 'field-tiles'
const TILE_PATH = '/api/v1/tiles/base/'
const MAX_TILES = 400
const PAGE_MS = 4000

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => ![KEPT, TILES].includes(name)).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()))
})

/* The page: from the server, so that a new one is taken at once; the kept one when it is away or slow. */
async function page(request) {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), PAGE_MS)
  try {
    const answer = await fetch(request, { signal: late.signal })
    if (answer.ok) return answer
  } catch { /* away */ } finally { clearTimeout(timer) }
  return await caches.match('/field', { cacheName: KEPT }) ?? Response.error()
}

async function tile(request) {
  const cache = await caches.open(TILES)
  try {
    const answer = await fetch(request)
    if (answer.ok) {
      await cache.put(request, answer.clone())
      const known = await cache.keys()
      await Promise.all(known.slice(0, Math.max(0, known.length - MAX_TILES)).map((old) => cache.delete(old)))
    }
    return answer
  } catch {
    return await cache.match(request) ?? Response.error()
  }
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (SHELL.includes(url.pathname)) event.respondWith(caches.match(request, { cacheName: KEPT }).then((kept) => kept ?? fetch(request)))
  else if (url.pathname.startsWith(TILE_PATH)) event.respondWith(tile(request))
})
