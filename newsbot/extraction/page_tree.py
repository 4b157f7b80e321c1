"""A page's tree, with the elements that fields are read from found in one walk.

A selector costs a walk through all nodes of a page, a tenth of a millisecond, however little it asks
for. Most fields want elements of a few kinds; so those are asked for together, once.
"""

from functools import cached_property

from selectolax.lexbor import LexborHTMLParser, LexborNode

_WANTED = 'meta[content],script[type*="ld+json" i],link[rel],a[rel~="next" i],h1,h2,h3,figure,p'
# Elements that are kept, of all kinds: a page made to be large has as many as its bytes allow.
_MOST = 20_000
# Elements that are found together with those of another kind.
_AS = {"a": "link", "h3": "h2"}


class PageTree(LexborHTMLParser):
    """The tree of a page. What is found in it is found once: it is not to be changed after."""

    @cached_property
    def _found(self) -> dict[str, list[LexborNode]]:
        found: dict[str, list[LexborNode]] = {}
        for node in self.css(_WANTED)[:_MOST]:
            tag = node.tag or ""
            found.setdefault(_AS.get(tag, tag), []).append(node)
        return found

    def tagged(self, tag: str) -> list[LexborNode]:
        """Return a page's elements of a kind, in its order.

        Kinds are h1, h2 (with h3), p, figure, meta where it has a content, and script of JSON-LD.
        """
        return self._found.get(tag, [])

    @cached_property
    def links(self) -> tuple[tuple[str, str], ...]:
        """What the page is linked with, as relation in lower case and address, in its order.

        Those of ``<link>``, and of ``<a>`` the ones that lead to a next page.
        """
        stated = [node.attributes for node in self.tagged("link")]
        return tuple(
            ((each.get("rel") or "").lower(), each.get("href") or "")
            for each in stated
            if "href" in each
        )
