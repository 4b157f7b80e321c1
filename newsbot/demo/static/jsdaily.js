// Le Quotidien du Port: every page arrives empty and is filled here from /api/.
"use strict";

const app = document.getElementById("app");

/** Make an element with attributes and children; strings become text, never markup. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function frame(site, main) {
  const links = site.sections.map((section) => make("a", { href: section.path }, section.title));
  const notes = site.notes.map((note) => make("a", { href: note.path }, note.title));
  app.replaceChildren(
    make(
      "header", {},
      make("a", { class: "nom", href: "/" }, site.title),
      make("p", { class: "devise" }, site.tagline),
      make("nav", { "aria-label": "Rubriques" }, ...links),
    ),
    main,
    make(
      "footer", {},
      make(
        "form", { action: "/lettre", method: "get" },
        make("label", { for: "courriel" }, "La lettre du soir "),
        make("input", { id: "courriel", name: "email", type: "email" }),
        make("button", {}, "S’abonner"),
      ),
      make("p", {}, ...notes),
      make("p", {}, `© ${site.title}`),
    ),
    make("input", { type: "checkbox", id: "ok", class: "cookies-accepted", "aria-label": "Accepter" }),
    make(
      "div", { class: "cookie-banner" },
      make("p", {}, "Ce site utilise des cookies."),
      make("label", { for: "ok" }, "D’accord"),
    ),
  );
}

function list(page) {
  const cards = page.stories.map((story) =>
    make(
      "a", { class: "carte", href: story.path },
      make("img", { src: story.picture, alt: "", width: "800", height: "450" }),
      make("h2", {}, story.title),
      make("p", {}, story.date),
    ));
  return make("main", {}, make("h1", {}, page.title || "À la une"), make("div", { class: "liste" }, ...cards));
}

function article(page) {
  document.head.append(
    make("link", { rel: "canonical", href: page.url }),
    make("meta", { property: "og:title", content: page.title }),
    make("meta", { property: "article:published_time", content: page.published }),
    make("meta", { name: "author", content: page.author }),
  );
  return make(
    "main", {},
    make(
      "article", {},
      make("p", { class: "rubrique" }, page.section),
      make("h1", {}, page.title),
      make(
        "p", { class: "signature" },
        make("span", { class: "auteur" }, `Par ${page.author}`), ", ",
        make("time", { datetime: page.published }, page.date),
      ),
      make("img", { src: page.picture, alt: "", width: "800", height: "450" }),
      ...page.paragraphs.map((paragraph) => make("p", {}, paragraph)),
    ),
  );
}

async function show() {
  const answer = await fetch(`/api${location.pathname}`);
  const page = await answer.json();
  if (page.title) document.title = `${page.title} - ${page.site.title}`;
  const views = { list, article, missing: () => make("main", {}, make("h1", {}, page.title)) };
  frame(page.site, views[page.kind](page));
}

show().catch(() => app.replaceChildren(make("p", {}, "Le journal n’a pas pu être chargé.")));
