"""What an element is for, by what its publisher calls it.

Classes and ids are English on most of the web, whatever a page's language, and they are made of few
words: ``related-posts``, ``articleBody``, ``c-share__list``. The table says which words tell what.
"""

import re
from functools import lru_cache

# What is not text of the article, by the words that publishers name it with. A word stands for itself
# anywhere in a name; two words for the pair of neighbours. Collected from the themes and systems most
# used by news sites (WordPress and its themes, Drupal, Arc, Piano, Taboola, Outbrain, Disqus).
_BOILERPLATE: dict[str, str] = {
    "related": (
        "related relateds recommend recommended recommendation recommendations similar readmore "
        "read-more read-also read-next see-also also-read more-from more-on more-stories more-news more-articles "
        "more-posts other-articles other-news other-stories other-posts popular trending mostread most-read "
        "most-popular most-viewed latest-news latest-posts latest-articles recent-posts recent-articles "
        "suggested suggestion suggestions taboola outbrain zergnet revcontent mgid upnext up-next next-article "
        "linkbox link-box linklist link-list teaserlist teaser-list teasers storylist story-list "
        "post-navigation postnav prev-next next-prev pagination pager nextprev yarpp crp-related jp-relatedposts "
        "rp4wp hub-links inline-links further-reading weiterlesen mehr-zum"
    ),
    "comments": (
        "comments comment-list commentlist comment-form comment-respond respond disqus livefyre fb-comments "
        "commentform comments-area comment-section discussion replies reply kommentare commentaires comentarios comentários"
    ),
    "share": (
        "share shares sharing sharebar sharedaddy addthis addtoany social socials social-media socialmedia "
        "follow-us followus like-box likebox fb-like twitter-share sharethis shariff"
    ),
    "newsletter": "newsletter newsletters subscribe subscription signup sign-up optin opt-in mailchimp mc4wp",
    "advertisement": (
        "ad ads adv advert adverts advertisement advertisements advertising adsense adsbygoogle adslot ad-slot ad-container "
        "sponsor sponsored sponsors promo promos promotion promotional banner banners werbung anzeige publicidad "
        "publicite affiliate dfp gpt-ad"
    ),
    "author biography": (
        "author-bio author-box authorbox author-info author-card author-description author-profile about-author about-the-author "
        "bio biography saboxplugin autor-info"
    ),
    "byline": "byline bylines meta post-meta entry-meta article-meta metadata postmeta meta-info dateline timestamp datetime pubdate publish-date post-date entry-date article-date submitted posted-on",
    "caption": "image images photo photos picture pictures foto bild imagen gallery caption captions figcaption wp-caption wp-caption-text image-caption photo-caption img-caption credit credits photo-credit copyright legende bildunterschrift",
    "tags": "tags taglist tag-list tag-links tags-links post-tags article-tags keywords topics topic-list hashtags categories cat-links post-categories",
    "navigation": "nav navbar navigation menu menus breadcrumb breadcrumbs crumbs sidebar side-bar sitemap toolbar topbar masthead skip-link toc table-of-contents jump-to",
    "page frame": "footer foot site-footer page-footer site-header page-header colophon",
    "consent": "cookie cookies consent gdpr cmp onetrust cookiebar",
    "paywall": "paywall paywalled piano premium-offer offer-box regwall login signin sign-in log-in register",
    "widget": "widget widgets modal popup pop-up lightbox overlay tooltip dropdown search searchform search-form rating ratings ratingbox poll quiz weather stock-ticker ticker slideshow-nav carousel slider print email-link player audio-player video-player playlist",
    "hidden": "hidden hide visually-hidden screen-reader-text sr-only screenreader noprint no-print display-none d-none visuallyhidden invisible element-invisible",
}  # fmt: skip
_ROLES = {
    "navigation": "navigation",
    "banner": "page frame",
    "contentinfo": "page frame",
    "complementary": "related",
    "search": "widget",
    "dialog": "widget",
    "alert": "widget",
    "menu": "navigation",
}
_TEXT = frozenset(
    (
        "article-body articlebody article-text article-content articlecontent articletext entry-content post-content post-body postbody "
        "post-text story-body storybody story-content story-text storytext content-body body-content body-copy bodycopy "
        "news-body news-content news-text newstext news-detail article-main td-post-content single-content text-content maincontent "
        "article-detail detail-text detail-content rich-text richtext wysiwyg article-paragraphs body-text bodytext main-text post-entry "
        "newsbody blog-post blog-content story-detail"
    ).split()
)
_SINGLE = {word: kind for kind, words in _BOILERPLATE.items() for word in words.split() if "-" not in word}
_PAIR = {
    tuple(word.split("-")): kind
    for kind, words in _BOILERPLATE.items()
    for word in words.split()
    if "-" in word
}
# Names that say how a page is, not what an element is for: WordPress puts the tags and categories of
# a post on its element, others what the page has.
_ABOUT = re.compile(r"^(?:tag|category|has|no|with|without|is|not|post|type|status|format|hentry|template|page|show|col|js|theme)[-_]", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z\u00c0-\uffff]+")


# A name of more words was made from a headline.
_SLUG = 6


def _words(name: str) -> list[str]:
    if name.lower() != name:
        name = _CAMEL.sub("-", name)
    return _WORD.findall(name.lower())


@lru_cache(maxsize=1 << 15)
def purpose(names: str) -> str:
    """Return what an element is for that is no text of the article; "" where its names say nothing."""
    for name in names.split():
        role = _ROLES.get(name)
        if role:
            return role
        if _ABOUT.match(name):
            continue
        words = _words(name)
        if len(words) > _SLUG:
            continue
        for pair in zip(words, words[1:]):
            if pair in _PAIR:
                return _PAIR[pair]
        for word in words:
            if word in _SINGLE:
                return _SINGLE[word]
            if word.startswith(("comment", "kommentar")) and not word.startswith("commentary"):
                return "comments"
    return ""


@lru_cache(maxsize=1 << 15)
def is_text(names: str) -> bool:
    """Say whether an element is called the text of an article."""
    for name in names.split():
        words = _words(name)
        if any(f"{one}-{two}" in _TEXT for one, two in zip(words, words[1:])) or any(word in _TEXT for word in words):
            return True
    return False


_LEAD = frozenset(
    (
        "lead lede teaser standfirst summary dek deck subtitle subheadline subhead subheading intro introduction abstract vorspann "
        "chapo chapeau sapo excerpt sottotitolo occhiello entradilla bajada ingress ingres manchet description teasertext headline-sub bigode olho linha-fina spot "
        "artikel-intro"
    ).split()
)


@lru_cache(maxsize=1 << 12)
def is_lead(names: str) -> bool:
    """Say whether an element is called the lead of an article."""
    return any(not _LEAD.isdisjoint(_words(name)) for name in names.split())
