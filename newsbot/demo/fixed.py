"""The answers of a site that do not depend on the news: robots.txt, style, pictures, notes, 404."""

from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from newsbot.demo import pages
from newsbot.demo.pictures import landscape
from newsbot.demo.sites import Site

_ROBOTS: Final = {
    # As WordPress writes it.
    "madapost": "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n",
    "wire": "User-agent: *\nDisallow: /newsletter\n",
    "courier": "User-agent: *\nDisallow: /newsletter\nDisallow: /account/\n",
    "mirror": "User-agent: *\nDisallow:\n",
    "gazette": "User-agent: *\nDisallow: /newsletter\n\nSitemap: {base}/sitemap.xml\n",
    "jsdaily": "User-agent: *\nDisallow: /lettre\n",
}

_MISSING: Final = {
    "ar": ("الصفحة غير موجودة", "تعذر العثور على هذه الصفحة."),
    "en": ("Page not found", "There is nothing at this address."),
    "de": ("Seite nicht gefunden", "Unter dieser Adresse steht nichts."),
    "fr": ("Page introuvable", "Il n’y a rien à cette adresse."),
}


def static_text(name: str) -> str:
    """Return a style sheet or a script that comes with the demo."""
    return files(__package__).joinpath("static", name).read_text(encoding="utf8")


def missing_note(site: Site, path: str) -> pages.Note:
    """Return what the site says where ``path`` leads nowhere."""
    title, text = _MISSING[site.language]
    return pages.Note(path=path, title=title, text=text)


def fixed_routes(site: Site, base: str) -> list[Route]:
    """Return the routes of ``site`` whose answers are always the same."""
    style = static_text(f"{site.name}.css")
    notes = pages.notes(site.language)

    async def robots(_: Request) -> Response:
        return PlainTextResponse(_ROBOTS[site.name].format(base=base))

    async def stylesheet(_: Request) -> Response:
        return Response(style, media_type="text/css")

    async def picture(request: Request) -> Response:
        drawn = landscape(request.path_params["number"])
        day = {"cache-control": "max-age=86400"}
        return Response(drawn, media_type="image/svg+xml", headers=day)

    async def note(request: Request) -> Response:
        return HTMLResponse(pages.note(site, base, notes[request.url.path]))

    async def comment(_: Request) -> Response:
        return HTMLResponse(pages.note(site, base, notes["/comment-received"]))

    routes = [
        Route("/robots.txt", robots),
        Route("/style.css", stylesheet),
        Route("/media/{number:int}.svg", picture),
        *(Route(path, note) for path in notes),
    ]
    if "/comment-received" in notes:
        routes.append(Route("/wp-comments-post.php", comment, methods=["POST"]))
    return routes
