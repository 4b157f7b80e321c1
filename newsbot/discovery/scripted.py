"""Whether a page shows its links only once its scripts have run."""

import re

from newsbot.discovery.page import Page

# A page with more to read, or more links, than this shows itself.
_TEXT, _LINKS = 400, 5
# Where frameworks put a page that scripts build: React, Vue, Angular, Next, Nuxt, Gatsby, Svelte,
# Ember, by their documentation.
_ROOTS = re.compile(
    r"#?(?:root|app|main-app|__next|__nuxt|___gatsby|app-root|react-root|svelte|ember-app|mount)",
    re.IGNORECASE,
)
_UNSEEN = "script,style,noscript,template,head"


def scripts_needed(page: Page) -> str:
    """Return what shows that a page needs JavaScript, in words; "" where it shows itself.

    That it has no links is not enough: it must also be without a text to read, have scripts, and an
    empty place for them to fill or a note to those who run none. Never raises.
    """
    if not page.tree.css("script") or len({anchor.url for anchor in page.anchors}) > _LINKS:
        return ""
    tree = page.tree.clone()  # what is not seen is taken out of it
    if tree.body is None:
        return ""
    note = any(node.text(deep=True).strip() for node in tree.css("noscript"))
    roots = [
        node
        for node in tree.css("[id],app-root")
        if _is_root(str(node.tag), node.attributes.get("id"))
    ]
    for node in tree.css(_UNSEEN):
        node.decompose()
    if len(" ".join(tree.body.text(deep=True, separator=" ").split())) > _TEXT:
        return ""
    if any(not node.css_first("a[href]") for node in roots):
        return "an empty place that scripts fill, and hardly a link or text"
    return "a note to those who run no scripts, and hardly a link or text" if note else ""


def _is_root(tag: str, name: str | None) -> bool:
    return tag == "app-root" or bool(name and _ROOTS.fullmatch(name))
