// Comfort only: every page works without this file. Hotkeys, copying identifiers, times in the reader's own zone.
"use strict";

(() => {
  const OFF = "traceability.hotkeys.off";
  const off = () => { try { return localStorage.getItem(OFF) === "1"; } catch { return false; } };
  const typing = (target) => target instanceof Element && target.closest("input, select, textarea, [contenteditable]");

  for (const place of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${place.dataset.copy}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(place.dataset.copy);
      button.textContent = "Copied";
      say("Copied");
    });
    place.after(button);
  }

  const live = document.createElement("p");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  document.body.append(live);
  const say = (text) => { live.textContent = text; };

  const lang = document.documentElement.lang;
  for (const time of document.querySelectorAll('time[datetime$="Z"]')) {
    const here = new Date(time.dateTime).toLocaleString(lang === "en" ? "en-GB" : lang, { timeZoneName: "short" });
    time.title += ` \u2013 ${here}`;
  }

  const summary = document.querySelector(".error-summary, .preview");
  if (summary && document.activeElement === document.body) summary.focus();

  const rows = () => [...document.querySelectorAll("table[data-keys] tbody tr")];
  const move = (step) => {
    const all = rows();
    if (!all.length) return;
    const now = all.findIndex((row) => row.classList.contains("here"));
    const next = all[Math.max(0, Math.min(all.length - 1, now + step))];
    all.forEach((row) => row.classList.toggle("here", row === next));
    next.querySelector("a")?.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const choose = (number) => {
    const radio = document.querySelector(`[data-hotkey="${number}"]`);
    if (radio) { radio.checked = true; radio.focus(); }
  };

  const assign = () => {
    const to = document.querySelector("[data-key='a']");
    const box = document.querySelector("tr.here input[type='checkbox']");
    if (!to) return;
    if (box) box.checked = true;
    to.focus();
  };

  const help = () => {
    const box = document.createElement("dialog");
    box.setAttribute("aria-label", "Keys");
    box.innerHTML = "<h2>Keys</h2><p><kbd>j</kbd> <kbd>k</kbd> next and previous row, <kbd>Enter</kbd> opens it</p>"
      + "<p><kbd>a</kbd> ticks the row and goes to whom it is assigned</p>"
      + "<p><kbd>1</kbd> to <kbd>5</kbd> choose a decision</p><p><kbd>?</kbd> this list</p>"
      + "<p><label class='check'><input type='checkbox'> Keys are off</label></p>"
      + "<form method='dialog'><button>Close</button></form>";
    const switched = box.querySelector("input");
    switched.checked = off();
    switched.addEventListener("change", () => { try { localStorage.setItem(OFF, switched.checked ? "1" : "0"); } catch { /* stays for this page */ } });
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { help(); return; }
    if (off()) return;
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "a") { event.preventDefault(); assign(); }
    else if (/^[1-5]$/.test(event.key)) choose(event.key);
  });
})();
