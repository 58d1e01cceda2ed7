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
