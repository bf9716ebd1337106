"""The API under uvicorn: one process, one event loop, HTTP and sockets on one port."""

import socket
import ssl
import time
from threading import Thread

import structlog
import uvicorn

from placket.app import make_app
from placket.core import authority, clock
from placket.core.http import configure_logging
from placket.core.settings import settings

GRACE_S = 5
LOOK_S = 60

log = structlog.get_logger()


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
        ssl_certfile=certificate() if settings().https else None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    config.load()
    if config.ssl is not None:
        Thread(target=keep_certificate, args=(config.ssl,), name="certificate", daemon=True).start()
    uvicorn.Server(config).run(sockets=[listener])


def certificate() -> str:
    """The certificate for all addresses that this machine has now."""
    return str(authority.certificate_for(settings().var / "https", authority.own_names(), now=clock.now()))


def keep_certificate(context: ssl.SSLContext) -> None:
    """Take up a new certificate when the addresses have changed or the old one ends; connections go on."""
    serving = authority.own_names()
    while True:
        time.sleep(LOOK_S)  # nothing tells a program that the machine has another address
        context.load_cert_chain(certificate())
        if authority.own_names() != serving:
            serving = authority.own_names()
            log.info("certificate for other addresses", names=serving)
