"""Delivers a built web app: its files, and its first page for every address inside it that is no file.

Files under ``assets/`` carry a hash in their name and never change; everything else is asked for again each time, so that
a release is on every screen with the next start of the app.
"""

import mimetypes
from http import HTTPStatus
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

HASHED: Final = "assets/"
FOREVER: Final = "public, max-age=31536000, immutable"
EACH_TIME: Final = "no-cache"
# Not every system knows it, and a browser compiles WebAssembly while it arrives only under this name.
mimetypes.add_type("application/wasm", ".wasm")
NOT_BUILT: Final = "Ứng dụng web chưa được dựng. Chạy: make run\nThe web apps have not been built. Run: make run\n"


class WebApp(StaticFiles):
    """One built app, a folder with an ``index.html``; it may be built after the server has started."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.config_checked = True
        self._first_page = folder / "index.html"

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the app's first page for an address that the app itself understands."""
        try:
            answer = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != HTTPStatus.NOT_FOUND or not _is_page(path, scope):
                raise
            if not self._first_page.exists():
                return PlainTextResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
            answer = self.file_response(self._first_page, self._first_page.stat(), scope)
        answer.headers["cache-control"] = FOREVER if path.startswith(HASHED) else EACH_TIME
        return answer


def _is_page(path: str, scope: Scope) -> bool:
    """Whether a browser goes there, rather than a page asking for a file that is missing."""
    wants_page = "text/html" in Headers(scope=scope).get("accept", "")
    return not path.startswith(HASHED) and (wants_page or not Path(path).suffix)


def web_app(folder: Path) -> ASGIApp:
    """A built app, its larger files compressed on the way."""
    return GZipMiddleware(WebApp(folder), minimum_size=1024, compresslevel=5)
