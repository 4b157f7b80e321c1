// Follows a look at a site: the server says when there is something new, and the part that tells of it is
// exchanged. Without this script the page reloads itself.
"use strict";
(() => {
  const root = document.querySelector("[data-steps]");
  if (!root || !window.EventSource) return;
  let busy = false, again = false;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const old = document.getElementById(root.id), fresh = page.getElementById(root.id);
      if (old && fresh) old.replaceWith(fresh);
    } catch (error) {
      // The server is away for a moment; the next event tries again.
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };
  const steps = new EventSource(root.dataset.steps);
  steps.addEventListener("step", refresh);
  steps.addEventListener("end", () => { steps.close(); refresh(); });
})();
