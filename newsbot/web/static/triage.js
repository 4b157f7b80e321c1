// Triage: marks stories through the API, without a reload; by keys, too. Without this script the buttons
// are those of forms.
"use strict";
(() => {
  const form = document.getElementById("marks");
  if (!form) return;
  const own = new Set(["read", "unread", "star", "unstar"]);
  const undoForm = document.getElementById("undo");
  const rows = () => [...document.querySelectorAll("li[data-story]")];

  // What is said of the last thing that was done: the words are in the page, in the reader's language.
  const say = (what, who) => {
    if (!undoForm) return;
    for (const each of undoForm.querySelectorAll("[data-deed]")) {
      each.hidden = each.dataset.deed !== what;
      const name = each.querySelector(".who");
      if (name && who) name.textContent = who;
    }
    const undo = undoForm.querySelector("button");
    undo.hidden = ["undone", "refused", "failed"].includes(what);
  };

  const show = (row, standing) => {
    const set = (name, shown) => { for (const each of row.querySelectorAll(name)) each.hidden = !shown; };
    row.dataset.read = standing.read ? "yes" : "no";
    row.dataset.version = standing.version;
    set('[data-when="new"]', !standing.read && !standing.back.length);
    set('[data-when="back"]', standing.back.length > 0);
    set('[data-when="starred"]', standing.starred);
    for (const each of row.querySelectorAll(".badge[data-desk]")) {
      each.hidden = each.dataset.desk !== standing.desk;
      each.querySelector(".who").textContent = standing.by;
    }
    set('[data-do="read"]', !standing.read); set('[data-do="unread"]', standing.read);
    set('[data-do="star"]', !standing.starred); set('[data-do="unstar"]', standing.starred);
    set('[data-do="take"]', standing.desk !== "taken"); set('[data-do="open"]', standing.desk === "taken");
    set('[data-do="done"]', standing.desk !== "done"); set('[data-do="not relevant"]', standing.desk !== "not relevant");
    set('[data-do="again"]', standing.desk === "done" || standing.desk === "not relevant");
  };

  const apply = (answer, what) => {
    const known = new Map(answer.items.map((each) => [each.story, each]));
    for (const row of rows()) if (known.has(row.dataset.story)) show(row, known.get(row.dataset.story));
    if (answer.taken.length) say("refused", known.get(answer.taken[0])?.by || "");
    else say(what);
  };

  const post = async (path, body) => {
    const answer = await fetch(path, {
      method: "POST", credentials: "same-origin", body: JSON.stringify(body),
      headers: { "content-type": "application/json", accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  const act = async (what, stories) => {
    if (!stories.length) return;
    const path = own.has(what) ? "/api/v1/triage/marks" : "/api/v1/triage/decisions";
    try { apply(await post(path, { what, stories }), what); } catch (error) { say("failed"); }
  };
  const undo = async () => {
    try { apply(await post("/api/v1/triage/undo", {}), "undone"); } catch (error) { say("failed"); }
  };

  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (event.target === undoForm) { event.preventDefault(); undo(); return; }
    if (event.target !== form || !button || button.name !== "do") return;
    const [what, story] = button.value.split(/:(.*)/s);
    if (what === "choose") return;
    event.preventDefault();
    const row = button.closest("li[data-story]");
    const chosen = story ? [story] : [...form.querySelectorAll('input[name="story"]:checked')].map((each) => each.value);
    act(what, chosen).then(() => {
      // The button that was pressed has given way to its opposite.
      if (row && button.hidden) row.querySelector(`[data-keys="${button.dataset.keys}"]:not([hidden]), .act:not([hidden])`)?.focus();
    });
  });

  // All on this page.
  const every = document.getElementById("every");
  if (every) {
    every.closest("label").hidden = false;
    every.addEventListener("change", () => {
      for (const each of form.querySelectorAll('input[name="story"]')) each.checked = every.checked;
    });
  }

  // What arrives, and what colleagues decide, while the page is open.
  if (form.dataset.deskLive && window.EventSource) {
    let busy = false;
    new EventSource(form.dataset.deskLive).addEventListener("change", async () => {
      if (busy) return;
      busy = true;
      try {
        const answer = await fetch(location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
        if (!answer.ok) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const here = new Map(rows().map((row) => [row.dataset.story, row]));
        let more = false;
        for (const fresh of page.querySelectorAll("li[data-story]")) {
          const row = here.get(fresh.dataset.story);
          if (!row) { more = true; continue; }
          if (row.dataset.version !== fresh.dataset.version && !row.contains(document.activeElement)) row.replaceWith(fresh);
        }
        const note = document.getElementById("fresh");
        if (more && note) note.hidden = false;
      } catch (error) {
        // The server is away for a moment; the next event tries again.
      } finally { busy = false; }
    });
  }
})();
