"""Words that no shopper types, in every address that anybody may open: each is answered, none fails, none becomes markup."""

from urllib.parse import quote

import pytest

from fuzz.test_every_route import ROUTES

WORDS = {
    "emoji": "👗👨‍👩‍👧‍👦😀",
    "right_to_left": "\u202eولا\u202c\u200f",
    "sql": "'; DROP TABLE sale; --",
    "html": '"><script>alert(1)</script><img src=x onerror=alert(1)>',
    "template": "{{7*7}}${7*7}%s%n",
    "path": "../../../../etc/passwd",
    "number": "9" * 400,
    "negative": "-1",
    "blank": " ",
}
RAW = {
    "nul": "a%00b",
    "not_utf8": "%ff%fe%c0%80",
    "surrogate": "%ed%a0%80",
    "lines": "a%0d%0aset-cookie:x=1",
    "percent": "%25%32%35%00",
}
HOSTILE = {name: quote(word, safe="") for name, word in WORDS.items()} | RAW
ASKED = (
    *(
        "q",
        "key",
        "order",
        "order_id",
        "size",
        "colour",
        "branch",
        "occasion",
        "category",
        "from",
        "to",
        "from_vnd",
        "to_vnd",
    ),
    *("page", "sort", "reduced", "sold_out_too", "variant", "cursor", "session_id", "lang", "ticket"),
)
OPEN_TO_ALL = sorted({path for method, path, verb in ROUTES if method == "GET" and verb == "public"} | {"/media/{sha256}"})


@pytest.mark.parametrize("name", HOSTILE)
def test_no_word_in_an_address_makes_the_server_fail(ground, name: str) -> None:
    word = HOSTILE[name]
    failed = {}
    for path in OPEN_TO_ALL:
        there = path
        for part in [each for each in path.split("/") if "{" in each]:
            there = there.replace(part, part[: part.index("{")] + word + part[part.index("}") + 1 :])
        for url in {there, f"{there}?" + "&".join(f"{key}={word}" for key in ASKED)}:
            answer = ground.client.get(ground.server.url + url, headers={"cookie": f"placket_shop={word[:2_000]}"})
            if answer.status_code >= 500 or "<script>alert(1)" in answer.text or "<img src=x" in answer.text:
                failed[url[:120]] = answer.status_code
    assert failed == {}, ground.server.output()[-3_000:]
    assert len(OPEN_TO_ALL) > 30
