"""Who may talk to the page's server, and what every answer carries.

It listens on loopback only. That keeps other machines out, and not other pages in the same
browser: a name that leads to 127.0.0.1 is refused by its Host, a foreign page's POST by its Origin
and by a header that a form cannot send.
"""

from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox.page.asking import Wrong

HEADER = "X-Greenlight-Sandbox"

_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_ALWAYS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def guard(port: Callable[[], int]) -> Middleware:
    """Make the middleware that refuses strangers and turns a ``Wrong`` into JSON."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            _check(request, port())
            return await handler(request)
        except Wrong as wrong:
            told = {"error": wrong.error, "message": wrong.message}
            return web.json_response(told, status=wrong.status)

    return check


async def dress(_request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on that every answer carries."""
    response.headers.update(_ALWAYS)


def _check(request: web.Request, port: int) -> None:
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    if request.host not in hosts:
        raise Wrong(403, "foreign_host", "This address is not the sandbox's.")
    # Other pages cannot read an answer anyway; a browser that says who asks need not even get one.
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if request.path.startswith("/api/") and site not in {"same-origin", "none"}:
        raise Wrong(403, "foreign_site", "Only the sandbox's own page may ask for this.")
    if request.method == "GET":
        return
    # Browsers send Origin with every POST; who leaves it out is no page of ours.
    if request.headers.get("Origin") != f"http://{request.host}":
        raise Wrong(403, "foreign_origin", "Only the sandbox's own page may do this.")
    if HEADER not in request.headers or request.content_type != "application/json":
        raise Wrong(403, "foreign_form", "Only the sandbox's own page may do this.")
