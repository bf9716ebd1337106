"""The API under uvicorn: one process, one event loop, HTTP and sockets on one port."""

import socket

import uvicorn

from placket.app import make_app
from placket.core.http import configure_logging
from placket.core.settings import settings

GRACE_S = 5


def serve(url: str, listener: socket.socket) -> None:
    """Answer on the socket until SIGTERM; requests under way are finished first."""
    configure_logging(settings().log_level)
    config = uvicorn.Config(
        make_app(url),
        ws="websockets-sansio",
        ws_per_message_deflate=False,  # compressing for every terminal anew would cost more than all the rest of it
        ws_max_size=4096,  # terminals have nothing to say on the stream
        lifespan="on",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
        log_config=None,
    )
    uvicorn.Server(config).run(sockets=[listener])
