"""What visitors send: bounded, and with the word that only our own pages know."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from crawler.viewer.guard import is_same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from crawler.viewer.desk import Desk

MAX_FORM_BYTES = 4 << 20
"""More than the longest article, three bytes a letter and percent-encoded, needs of what people send by hand."""
MAX_FIELDS = 50


async def read_form(request: Request) -> dict[str, str]:
    """Fields of a form, the last of each name. Raises HTTPException for one that is too large or no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise HTTPException(415, "a form is needed")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, "too large")
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError:
        raise HTTPException(400, "not a form") from None


def action(desk: Desk, act: Callable[[Request, dict[str, str]], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that changes something: only for forms of our own pages."""

    async def endpoint(request: Request) -> Response:
        form = await read_form(request)
        if not is_same(form.get("csrf", ""), desk.csrf):
            raise HTTPException(403, "this form is from before the server was started; load the page again")
        return await run_in_threadpool(act, request, form)

    return endpoint
