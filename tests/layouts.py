"""Pages as common systems write them, to be filled with what a test says.

Written after how the default themes of WordPress, Drupal and Blogger, Arc's and Next.js' news sites and
the table layouts of the nineties look: the same frame around every page, with a menu, headlines of
other articles beside and below it, a cookie notice and a footer.
"""

from collections.abc import Callable

import attrs

OTHERS = [
    "Council puts the bridge off until next spring",
    "Nine boats lost in the storm of last week",
    "Why the old lighthouse is to be painted green",
    "Ferry prices rise for the third time this year",
    "The dredger that never came to Ellerton",
    "School of the north quarter opens its doors again",
    "What the harbour master earns, and who pays for it",
    "Rain until Thursday, then a little sun in the south",
]


@attrs.frozen(kw_only=True)
class Fill:
    """What a page is to hold: its title, what stands in its main part, and what it states."""

    title: str
    main: str
    language: str = "en"
    head: str = ""
    kind: str = ""
    others: int = 8

    @property
    def direction(self) -> str:
        """The direction of the language's script."""
        return "rtl" if self.language in ("ar", "fa", "he") else "ltr"


def _links(count: int, markup: str) -> str:
    return "".join(markup.format(n=n, title=OTHERS[n % len(OTHERS)]) for n in range(count))


def wordpress(fill: Fill) -> str:
    """Return a page in the manner of WordPress' classic themes."""
    return f"""<!DOCTYPE html><html lang="{fill.language}" dir="{fill.direction}"><head><meta charset="UTF-8">
<title>{fill.title} &#8211; The Ellerton Courier</title>{fill.head}
<link rel="https://api.w.org/" href="/wp-json/"></head><body class="wp-theme {fill.kind} no-sidebar">
<a class="skip-link screen-reader-text" href="#content">Skip to content</a>
<header id="masthead" class="site-header"><p class="site-title"><a href="/">The Ellerton Courier</a></p>
<nav class="main-navigation"><ul id="primary-menu"><li class="menu-item"><a href="/local">Local</a></li>
<li class="menu-item"><a href="/sport">Sport</a></li></ul></nav></header>
<div id="content" class="site-content"><main id="main" class="site-main">{fill.main}</main>
<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries">
<h2 class="widget-title">Recent Posts</h2><ul>{_links(fill.others, '<li><a href="/{n}/">{title}</a></li>')}</ul>
</section></aside></div><footer id="colophon" class="site-footer"><div class="site-info">
Proudly published in Ellerton. All rights reserved.</div></footer></body></html>"""


def drupal(fill: Fill) -> str:
    """Return a page in the manner of Drupal's themes."""
    return f"""<!DOCTYPE html><html lang="{fill.language}" dir="{fill.direction}"><head><meta charset="utf-8" />
<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" />{fill.head}
<title>{fill.title} | The Ellerton Courier</title></head><body class="path-node {fill.kind}">
<div class="dialog-off-canvas-main-canvas" data-off-canvas-main-canvas><div class="layout-container">
<header role="banner"><div class="region region-header"><nav role="navigation" class="block block-menu">
<ul class="menu"><li><a href="/local">Local</a></li><li><a href="/sport">Sport</a></li></ul></nav></div></header>
<main role="main"><a id="main-content" tabindex="-1"></a><div class="layout-content">
<div class="region region-content"><div class="block block-system-main-block">{fill.main}</div>
<div class="views-element-container block block-views"><h2>Most read</h2><div class="view-content">
{_links(fill.others, '<div class="views-row"><span class="field-content"><a href="/node/{n}">{title}</a></span></div>')}
</div></div></div></div></main><footer role="contentinfo">© The Ellerton Courier</footer>
</div></div></body></html>"""


def arc(fill: Fill) -> str:
    """Return a page in the manner of Arc's news sites: many boxes, class names made by a machine."""
    return f"""<!DOCTYPE html><html lang="{fill.language}" dir="{fill.direction}"><head><title>{fill.title} - The Ellerton Courier</title>
<meta charset="utf-8">{fill.head}<script>window.Fusion=window.Fusion||{{}};Fusion.arcSite="courier";</script>
</head><body><div id="fusion-app" class="c-stack b-layout"><header class="b-header-nav-chain">
<nav class="c-nav"><a class="c-link" href="/local/">Local</a><a class="c-link" href="/sport/">Sport</a></nav></header>
<section role="main" id="main" class="b-right-rail__main"><div class="c-grid"><div class="b-right-rail__main-left">
{fill.main}</div><aside class="b-right-rail__rail">
{_links(fill.others, '<article class="b-promo"><h3 class="c-heading"><a class="c-link" href="/x/{n}/">{title}</a></h3></article>')}
</aside></div></section><footer class="b-footer"><p class="c-paragraph">© 2026 The Ellerton Courier. Terms of use</p>
</footer></div></body></html>"""


def nextjs(fill: Fill) -> str:
    """Return a page in the manner of Next.js: hashed class names, its state in a script."""
    return f"""<!DOCTYPE html><html lang="{fill.language}" dir="{fill.direction}"><head><meta charSet="utf-8"/>
<title>{fill.title} | The Ellerton Courier</title>{fill.head}</head><body><div id="__next">
<div class="Layout_root__x1Zq9"><div class="Header_bar__9kK2s"><a href="/">Courier</a><a href="/local">Local</a></div>
<div class="Page_content__2bPl0">{fill.main}</div><div class="Grid_wrap__77aQe"><div class="Grid_head__1">More from us</div>
{_links(fill.others, '<div class="Card_card__0aB"><a class="Card_link__q" href="/s/{n}"><span>{title}</span></a></div>')}
</div><div class="Footer_root__Zz1">© The Ellerton Courier · <a href="/privacy">Privacy</a></div></div></div>
<script id="__NEXT_DATA__" type="application/json">{{"props":{{"pageProps":{{}}}},"page":"/[slug]","query":{{}}}}</script>
</body></html>"""


def blogger(fill: Fill) -> str:
    """Return a page in the manner of Blogger's templates."""
    return f"""<!DOCTYPE html><html dir='{fill.direction}' lang='{fill.language}'><head><meta content='text/html; charset=UTF-8' http-equiv='Content-Type'/>
<meta content='blogger' name='generator'/>{fill.head}<title>The Ellerton Courier: {fill.title}</title></head>
<body class='{fill.kind}'><div class='content-outer'><div class='header section' id='header'>
<h3 class='title'><a href='/'>The Ellerton Courier</a></h3></div><div class='main-outer'><div class='main section' id='main'>
<div class='widget Blog' data-version='1' id='Blog1'><div class='blog-posts hfeed'><div class='date-outer'>
<h2 class='date-header'><span>Sunday, 1 March 2026</span></h2><div class='post-outer'><div class='post hentry'>{fill.main}
</div></div></div></div></div></div><div class='column-right-outer'><div class='widget PopularPosts'><h2>Popular Posts</h2>
<ul>{_links(fill.others, "<li><a href='/2026/03/{n}.html'>{title}</a></li>")}</ul></div></div></div>
<div class='footer-outer'>Powered by Blogger.</div></div></body></html>"""


def tables(fill: Fill) -> str:
    """Return a page in the manner of the nineties: tables in tables, and fonts."""
    return f"""<HTML><HEAD><TITLE>{fill.title}</TITLE>{fill.head}</HEAD><BODY bgcolor="#ffffff" dir="{fill.direction}">
<TABLE width="760" border="0"><TR><TD colspan="3"><IMG src="logo.gif"></TD></TR><TR><TD width="120" valign="top">
<FONT size="1">{_links(fill.others, '<A href="{n}.htm">{title}</A><BR>')}</FONT></TD><TD valign="top">
{fill.main}</TD><TD width="120"><FONT size="1">Advertise with us</FONT></TD></TR>
<TR><TD colspan="3" align="center"><FONT size="1">Copyright 2026 The Ellerton Courier</FONT></TD></TR></TABLE></BODY></HTML>"""


LAYOUTS: dict[str, Callable[[Fill], str]] = {
    "wordpress": wordpress,
    "drupal": drupal,
    "arc": arc,
    "nextjs": nextjs,
    "blogger": blogger,
    "tables": tables,
}
