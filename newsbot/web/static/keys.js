// Keys: j and k go through a list, o opens, / searches, g and a letter lead to a page, ? shows them all.
// An area's own keys are declared in its markup (data-keys="e" on a button or link). None does anything
// while one types, or with Ctrl, Alt or Meta; they can be switched off (WCAG 2.2, 2.1.4).
"use strict";
(() => {
  // The zone of time that this browser is in, for the next page; not where the reader has chosen one.
  const kept = new Map(document.cookie.split("; ").map((each) => each.split("=")));
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !kept.has("newsbot_zone_chosen") && kept.get("newsbot_zone") !== encodeURIComponent(zone)) {
    document.cookie = `newsbot_zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
  }
  if (document.documentElement.hasAttribute("data-no-keys")) return;

  const shown = (each) => each.getClientRects().length > 0;
  const items = () => {
    const declared = [...document.querySelectorAll("main [data-item]")];
    const found = declared.length ? declared : [...document.querySelectorAll("main ol.stories > li, main ol.fireds > li, main tbody > tr")];
    return found.filter((each) => shown(each) && opener(each));
  };
  const opener = (item) => item.querySelector("[data-open], a.headline, th a, td a, a");
  const current = () => document.activeElement?.closest("[data-item], ol.stories > li, ol.fireds > li, tbody > tr");
  const move = (step) => {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
    opener(next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };

  const help = async () => {
    let dialog = document.getElementById("keys-dialog");
    if (!dialog) {
      const link = document.querySelector("[data-keys-help]");
      try {
        const answer = await fetch(link.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        dialog = document.createElement("dialog");
        dialog.id = "keys-dialog";
        dialog.append(...page.getElementById("main").childNodes);
        const title = dialog.querySelector("h1");
        title.id = "keys-title";
        title.tabIndex = -1;
        title.autofocus = true;
        dialog.setAttribute("aria-labelledby", title.id);
        document.body.append(dialog);
      } catch (error) { location.assign(link.href); return; }
    }
    if (dialog.open) dialog.close(); else dialog.showModal();
  };

  let led = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const on = event.target;
    const typing = on instanceof HTMLElement && (on.isContentEditable || on.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));
    if (event.key === "Escape" && typing) { on.blur(); return; }
    if (typing) return;
    const dialog = document.querySelector("dialog[open]");
    if (dialog && event.key !== "?") return;
    // The key that stands where the letter does, whatever script the keyboard writes.
    const letter = /^[a-z]$/i.test(event.key) ? event.key.toLowerCase() : /^Key[A-Z]$/.test(event.code) && event.key.length === 1 ? event.code.slice(3).toLowerCase() : event.key;
    if (event.shiftKey && letter !== "?" && letter !== "/") return;
    if (led && Date.now() - led < 1500) {
      led = 0;
      const target = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
      if (target) { event.preventDefault(); location.assign(target.href); return; }
    }
    led = 0;
    const own = current()?.querySelectorAll(`[data-keys="${CSS.escape(letter)}"]`) || [];
    const control = [...own].find(shown) || [...document.querySelectorAll(`[data-keys="${CSS.escape(letter)}"]`)].find((each) => shown(each) && !each.closest("[data-item]"));
    if (control) { event.preventDefault(); control.click(); return; }
    if (letter === "?" || event.key === "؟") help();
    else if (letter === "/" || event.code === "Slash") document.querySelector('.find input[type="search"], main input[type="search"]')?.focus();
    else if (letter === "j") move(1);
    else if (letter === "k") move(-1);
    else if (letter === "o" && current()) opener(current())?.click();
    else if (letter === "g") { led = Date.now(); return; }
    else return;
    event.preventDefault();
  });
})();
