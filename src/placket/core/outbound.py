"""One call to a machine beside us that speaks JSON: a card terminal, a carrier."""

import http.client
import json
from typing import Any, Final
from urllib.parse import urlsplit

ANSWER_MOST: Final = 20_000
"""Bytes of an answer that are read; nobody we ask has more to say."""


class Silence(Exception):
    """Nobody answered in time, or not in HTTP: the other side may have heard us all the same."""


def asked(method: str, address: str, body: dict[str, Any] | None = None, *, within_s: float) -> tuple[int, bytes]:
    """Status and beginning of what ``address`` (http or https) answers; raises ``Silence``. Never follows a redirect."""
    place = urlsplit(address)
    make = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = make(place.netloc, timeout=within_s)
    try:
        sent = None if body is None else json.dumps(body)
        connection.request(method, place.path, sent, {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read(ANSWER_MOST)
    except (OSError, http.client.HTTPException) as trouble:
        raise Silence from trouble
    finally:
        connection.close()
