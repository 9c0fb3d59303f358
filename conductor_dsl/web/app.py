"""The addresses, and what happens at each.

GET   /health                   200 as long as the database answers
*     /callbacks/CHANNEL        the provider of the channel tells something; it is thanked once that is stored
GET   /unsubscribe/TOKEN        a page that asks; nothing changes, for programs open links, too
POST  /unsubscribe/TOKEN        leaves the list (RFC 8058: one click), or everything
GET   /confirm/TOKEN            a page that asks, as above
POST  /confirm/TOKEN            says yes once more to the list
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from conductor_dsl.plugin.channels import ForgedError, WebRequest
from conductor_dsl.project.settings import Settings
from conductor_dsl.runtime.confirmations import confirm
from conductor_dsl.runtime.doorbell import ring
from conductor_dsl.runtime.node import Node
from conductor_dsl.runtime.open_project import Carrier
from conductor_dsl.runtime.unsubscribe import Leaver, unsubscribe
from conductor_dsl.shared.links import CONFIRM_PATH, token_to_confirm, token_to_link
from conductor_dsl.store.connect import reading, secret_of
from conductor_dsl.store.tables import EVERY_LIST
from conductor_dsl.web import pages

LARGEST_BODY = 1_048_576
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Site:
    """What the addresses need: the project's settings, its node, and who carries the messages of each channel."""

    settings: Settings
    node: Node
    carriers: Mapping[str, Carrier]
    """By the last word of their callback addresses."""
    complain: Callable[[str], None]
    """Called, from any thread, with what the operator should know."""


def make_app(site: Site) -> Starlette:
    """The addresses over a site, as an ASGI application."""

    async def health(_request: Request) -> Response:
        await run_in_threadpool(_ask_database, site)
        return PlainTextResponse("ok\n")

    async def callback(request: Request) -> Response:
        carrier = site.carriers.get(request.path_params["channel"])
        body = await _body(request)
        if carrier is None or carrier.type.answer is None:
            return PlainTextResponse("nobody listens here\n", 404)
        if body is None:
            return PlainTextResponse("too much at once\n", 413)
        return await run_in_threadpool(_hear, site, carrier, _as_called(site, request, body))

    async def leave(request: Request) -> Response:
        body = await _body(request) if request.method == "POST" else b""
        token, everything = request.path_params["token"], b"everything" in parse_qs(body or b"")
        changes = request.method == "POST"
        return await run_in_threadpool(_leave, site, token, changes=changes, everything=everything)

    async def agree(request: Request) -> Response:
        token, changes = request.path_params["token"], request.method == "POST"
        return await run_in_threadpool(_agree, site, token, changes=changes)

    return Starlette(
        routes=[
            Route("/health", health),
            Route("/callbacks/{channel}", callback, methods=["GET", "POST"]),
            Route("/unsubscribe/{token}", leave, methods=["GET", "POST"]),
            Route(CONFIRM_PATH, agree, methods=["GET", "POST"]),
        ]
    )


def _ask_database(site: Site) -> None:
    with reading(site.node.engine) as connection:
        secret_of(connection)


async def _body(request: Request) -> bytes | None:
    """The body of a request; None for one that is too large, of which the rest is not read."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _as_called(site: Site, request: Request, body: bytes) -> WebRequest:
    """A request with the address that the provider knows, whatever stands between it and us: signatures cover it."""
    query = f"?{request.url.query}" if request.url.query else ""
    url = site.settings.public_url.rstrip("/") + request.url.path + query
    return WebRequest(request.method, url, dict(request.headers), body)


def _hear(site: Site, carrier: Carrier, request: WebRequest) -> Response:
    """Keep what a provider tells, then thank it; a call of somebody else's changes nothing."""
    assert carrier.type.answer is not None
    try:
        answer = carrier.type.answer(carrier.setting, request)
    except ForgedError as problem:
        site.complain(f"a call to `{request.url.partition('?')[0]}` was refused: {problem}")
        return PlainTextResponse("the signature is not right\n", 403)
    except ValueError as problem:
        return PlainTextResponse(f"this makes no sense: {problem}\n", 400)
    carrier.setting.hear(answer.heard)
    return Response(answer.body, media_type=answer.content_type)


def _leave(site: Site, token: str, *, changes: bool, everything: bool) -> Response:
    with reading(site.node.engine) as connection:
        link = token_to_link(secret_of(connection), token)
    if link is None:
        return HTMLResponse(pages.unknown(), 404, headers=_HEADERS)
    contact, list_ = link
    brand, purpose = site.settings.brand, site.settings.lists.get(list_) or list_
    if not changes:
        return HTMLResponse(pages.ask(brand, purpose), headers=_HEADERS)
    leaver = Leaver(contact, EVERY_LIST if everything else list_, token)
    with site.node.engine.begin() as connection:
        programs = site.node.shelf.programs(connection)
        unsubscribe(connection, programs, [leaver], site.node.clock.now())
    return HTMLResponse(pages.done(brand, "" if everything else purpose), headers=_HEADERS)


def _agree(site: Site, token: str, *, changes: bool) -> Response:
    with reading(site.node.engine) as connection:
        link = token_to_confirm(secret_of(connection), token)
    if link is None:
        return HTMLResponse(pages.unknown(), 404, headers=_HEADERS)
    contact, list_ = link
    brand, purpose = site.settings.brand, site.settings.lists.get(list_) or list_
    if not changes:
        return HTMLResponse(pages.ask_to_confirm(brand, purpose), headers=_HEADERS)
    with site.node.engine.begin() as connection:
        confirm(connection, contact, list_, token, site.node.clock.now())
    ring(site.node.engine)
    return HTMLResponse(pages.confirmed(brand, purpose), headers=_HEADERS)
