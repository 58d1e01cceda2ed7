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
const answer = document.getElementById("answer");

if (form && sure) {
  form.addEventListener("submit", (event) => { event.preventDefault(); sure.showModal(); });
  document.getElementById("no").addEventListener("click", () => sure.close());
  document.getElementById("yes").addEventListener("click", async () => {
    sure.close();
    // Tried again for as long as it takes: the network may be away just now.
    for (;;) {
      try {
        const told = await fetch(form.action, {
          method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
        });
        const said = await told.json();
        answer.textContent = said.said;
        answer.hidden = false;
        form.hidden = said.ok;
        return;
      } catch (error) {
        silent.hidden = false;
        await new Promise((done) => setTimeout(done, 1000));
      }
    }
  });
}

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());

// What is typed into a plan is kept as a draft, and a model's form shows the plan that it makes.

const later = (wait, act) => {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(act, wait); };
};

const draft = document.querySelector("[data-draft]");
if (draft) {
  const kept = document.getElementById("kept");
  const keep = later(800, async () => {
    const fields = new FormData(draft.form);
    fields.set("change", draft.dataset.draft);
    try {
      const told = await fetch("/drafts/", { method: "POST", body: fields });
      kept.textContent = told.ok ? kept.dataset.said : "";
    } catch (error) { kept.textContent = ""; }
  });
  draft.addEventListener("input", keep);
  document.querySelectorAll("[data-line]").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    const lines = draft.value.split("\n");
    const start = lines.slice(0, link.dataset.line - 1).join("\n").length + (link.dataset.line > 1 ? 1 : 0);
    draft.focus();
    draft.setSelectionRange(start, start + lines[link.dataset.line - 1].length);
    draft.scrollTop = (link.dataset.line - 3) * parseFloat(getComputedStyle(draft).lineHeight);
  }));
}

const preview = document.querySelector("form[data-preview]");
if (preview) {
  preview.addEventListener("input", later(300, async () => {
    try {
      const told = await fetch(preview.action, {
        method: "POST", body: new FormData(preview), headers: { Accept: "application/json" },
      });
      if (told.ok) document.getElementById(preview.dataset.preview).textContent = (await told.json()).text;
    } catch (error) { /* The next key tries again. */ }
  }));
}

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
