// Keeps the first page up to date: when the server says that something changed, the page is fetched
// again and only what differs is exchanged. Without this script a reload does the same.
"use strict";
// An address that is to be copied is chosen whole.
document.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.readOnly) event.target.select();
});
(() => {
  const root = document.querySelector("[data-live]");
  if (!root || !window.EventSource) return;
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch("/", { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const known = new Set([...document.querySelectorAll("#stories > li")].map((row) => row.dataset.id));
      for (const id of ["stories", "fireds", "runs", "count", "first-steps"]) {
        const old = document.getElementById(id), fresh = page.getElementById(id);
        if (old && fresh && old.innerHTML !== fresh.innerHTML && !old.contains(document.activeElement)) old.replaceWith(fresh);
      }
      for (const note of document.querySelectorAll(".empty")) if (document.querySelector("#stories > li")) note.remove();
      for (const row of document.querySelectorAll("#stories > li")) if (!known.has(row.dataset.id)) row.classList.add("arrived");
    } catch (error) {
      // The server is away for a moment; the next event tries again.
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };
  new EventSource(root.dataset.live).addEventListener("change", refresh);
})();
// A page of something that is under way: the part that goes on is exchanged until it is over.
(() => {
  const follow = async () => {
    const old = document.querySelector("[data-follow]");
    if (!old) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(old.id);
        if (fresh && !old.contains(document.activeElement)) {
          old.replaceWith(fresh);
          if (!fresh.hasAttribute("data-follow")) for (const form of document.querySelectorAll("main form")) form.remove();
        }
      }
    } catch (error) {
      // The server is away for a moment; the next look tries again.
    }
    setTimeout(follow, 2000);
  };
  setTimeout(follow, 2000);
})();
