// Keeps the pages that were read last, so that they can be read without a network; nothing else is kept.
"use strict";

const KEPT = "kept", MOST = 40;

const keep = async (request, answer) => {
  const cache = await caches.open(KEPT);
  const copy = answer.clone();
  const text = await copy.text();
  const page = text.replace("<html ", `<html data-kept="${new Date().toISOString()}" `);
  await cache.put(request, new Response(page, { headers: copy.headers }));
  const all = await cache.keys();
  await Promise.all(all.slice(0, -MOST).map((old) => cache.delete(old)));
};

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || path.startsWith("/login/") || path.startsWith("/accounts/")) return;
  if (path.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request).then((answer) => {
      const copy = answer.clone();
      if (answer.ok) event.waitUntil(caches.open(KEPT + "-files").then((cache) => cache.put(request, copy)));
      return answer;
    })));
    return;
  }
  if (request.mode !== "navigate") return;
  event.respondWith(fetch(request).then((answer) => {
    if (answer.status === 401) event.waitUntil(caches.delete(KEPT));  // Nobody is logged in any more.
    const isPage = (answer.headers.get("Content-Type") || "").startsWith("text/html");
    if (answer.ok && isPage && !answer.redirected) event.waitUntil(keep(request, answer.clone()));
    return answer;
  }).catch(async (error) => {
    const found = await caches.match(request, { cacheName: KEPT });
    if (found) return found;
    throw error;
  }));
});
