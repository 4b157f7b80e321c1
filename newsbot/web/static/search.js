// Days are chosen on the timeline by drawing over its bars, or with the keyboard: arrows move, shift and
// arrows extend, enter asks. What is chosen stands in the form below, which does the same without a script.
"use strict";
(() => {
  const plot = document.querySelector("[data-brush]"), form = document.getElementById("days");
  const picture = plot && plot.querySelector("svg.bars");
  if (!picture || !form) return;
  const bars = [...picture.querySelectorAll("rect.over")];
  if (!bars.length) return;
  const shade = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  shade.setAttribute("class", "brush");
  shade.setAttribute("height", "100");
  shade.setAttribute("width", "0");
  picture.append(shade);
  const help = form.querySelector("[data-brush-help]");
  if (help) { help.hidden = false; help.id = "brush-help"; picture.setAttribute("aria-describedby", "brush-help"); }
  picture.setAttribute("tabindex", "0");
  let start = -1, end = -1, drawing = false, moved = false;
  const at = (event) => {
    const box = picture.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    return Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)));
  };
  const show = () => {
    const low = Math.min(start, end), high = Math.max(start, end);
    const from = bars[low], to = bars[high];
    shade.setAttribute("x", from.getAttribute("x"));
    shade.setAttribute("width", String(+to.getAttribute("x") + +to.getAttribute("width") - from.getAttribute("x")));
    form.elements.since.value = from.dataset.first;
    form.elements.until.value = to.dataset.last;
  };
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drawing = true; moved = false; start = end = at(event);
  });
  addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const now = at(event);
    if (now !== end || moved) { moved = true; end = now; show(); event.preventDefault(); }
  });
  addEventListener("pointerup", () => {
    if (!drawing) return;
    drawing = false;
    if (moved) form.requestSubmit();
  });
  addEventListener("pointercancel", () => { drawing = false; });
  // A bar is a link; drawing over it is no click, and it is not dragged away.
  picture.addEventListener("click", (event) => { if (moved) { event.preventDefault(); moved = false; } }, true);
  picture.addEventListener("dragstart", (event) => event.preventDefault());
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, Home: -bars.length, End: bars.length }[event.key];
    if (step !== undefined) {
      const from = end >= 0 ? end + step : event.key === "Home" ? 0 : bars.length - 1;
      end = Math.min(bars.length - 1, Math.max(0, from));
      if (!event.shiftKey || start < 0) start = end;
      show();
      event.preventDefault();
    } else if (event.key === "Enter" && end >= 0 && event.target === picture) {
      form.requestSubmit();
      event.preventDefault();
    } else if (event.key === "Escape" && end >= 0) {
      start = end = -1;
      shade.setAttribute("width", "0");
      form.elements.since.value = form.elements.until.value = "";
    }
  });
})();
