// The live picture, the question before going back, and printing. No word is written here: the server sends them.
"use strict";

const picture = document.getElementById("picture");
const silent = document.getElementById("silent");

if (picture && picture.dataset.events) {
  const source = new EventSource(picture.dataset.events);
  const listening = (isOn) => { silent.hidden = isOn; };
  source.addEventListener("picture", (event) => {
    const focused = document.activeElement && document.activeElement.getAttribute("value");
    picture.innerHTML = JSON.parse(event.data);
    picture.dataset.at = String(Date.now());
    if (focused) {
      const again = picture.querySelector(`button[value="${CSS.escape(focused)}"]`);
      if (again) again.focus();
    }
    const over = picture.querySelector(".live.done, .live.back");
    const button = document.querySelector("form.back");
    if (over && button) button.hidden = true;
    listening(true);
  });
  source.addEventListener("silent", () => listening(false));
  source.addEventListener("open", () => listening(true));
  source.addEventListener("error", () => listening(false));
  window.addEventListener("pagehide", () => source.close());
}

const form = document.querySelector("form.back");
const sure = document.getElementById("sure");

// Tried again for as long as it takes: the network may be away just now.
const goBack = async (asked, answer) => {
  for (;;) {
    try {
      const told = await fetch(asked.action, {
        method: "POST", body: new FormData(asked), headers: { Accept: "application/json" },
      });
      const said = await told.json();
      answer.textContent = said.said;
      answer.hidden = false;
      asked.hidden = said.ok;
      return;
    } catch (error) {
      if (silent) silent.hidden = false;
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
};

if (form && sure) {
  form.addEventListener("submit", (event) => { event.preventDefault(); sure.showModal(); });
  document.getElementById("no").addEventListener("click", () => sure.close());
  document.getElementById("yes").addEventListener("click", () => {
    sure.close();
    goBack(form, document.getElementById("answer"));
  });
}

// Without a network a page that was kept is shown: read-only, but going back is tried.
const kept = document.documentElement.dataset.kept;
if (kept) {
  const said = document.getElementById("kept-page");
  said.querySelector("time").textContent = new Date(kept).toLocaleString(document.documentElement.lang);
  said.hidden = false;
  document.querySelectorAll("main form button, .top form button").forEach((one) => { one.disabled = !one.closest("form.back") && one.id !== "yes"; });
  document.querySelectorAll("form.strip-back").forEach((one) => one.addEventListener("submit", (event) => {
    event.preventDefault();
    one.querySelector("button").disabled = true;
    goBack(one, document.getElementById("tried"));
  }));
  const tryAgain = async () => {
    try {
      await fetch(location.href, { method: "HEAD" });
      location.reload();
    } catch (error) { setTimeout(tryAgain, 3000); }
  };
  setTimeout(tryAgain, 3000);
}
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js");

// "/" goes to the search over everything.
document.addEventListener("keydown", (event) => {
  const search = document.getElementById("everything");
  const isTyping = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || !search) return;
  event.preventDefault();
  search.focus();
});

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());

// A line of the plan that is named above it is found in it.
const draft = document.querySelector("[data-draft]");
if (draft) {
  document.querySelectorAll("[data-line]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = draft.value.split("\n");
    const start = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1 ? 1 : 0);
    draft.focus();
    draft.setSelectionRange(start, start + lines[link.dataset.line - 1].length);
    draft.scrollTop = (link.dataset.line - 3) * parseFloat(getComputedStyle(draft).lineHeight);
  }));
}

// A filter that is answered by a page about the login or about what failed shows that page.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.requestConfig.verb === "get") location.reload();
});

// A form that is sent twice by two clicks is sent once.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  if (event.target.dataset.sent) { event.preventDefault(); return; }
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((one) => delete one.dataset.sent);
});

// After a login in another window the token of this one is another: the cookie says which.
document.querySelectorAll("form[data-again]").forEach((one) => one.addEventListener("submit", () => {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
  if (token) one.csrfmiddlewaretoken.value = token[1];
}));

const reload = document.querySelector("[data-reload]");
if (reload) setTimeout(() => location.reload(), 1000 * reload.dataset.reload);
