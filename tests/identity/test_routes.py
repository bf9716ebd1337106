"""Identity over HTTP: cookies, sessions that end at once, the office's own pages, branches and settings as data."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest

from builders import Person, TillAtWork, a_branch, a_person, a_style, a_till, stocked
from placket.core.db import Database
from placket.core.ids import new_id
from placket.identity import badges
from served import own_database
from serving import serving

PASSWORD = "mot-mat-khau-dai"
OURS = {"x-placket": "1"}


@dataclass(frozen=True)
class Office:
    """A served chain of two branches with a till."""

    url: str
    http: httpx.Client
    database: Database
    here: UUID
    there: UUID
    owner: Person
    till: TillAtWork

    def ask(self, method: str, path: str, who: Person | None = None, **body: Any) -> httpx.Response:
        """A request of somebody signed in."""
        return self.http.request(method, f"/api/{path}", headers=(who or self.owner).bearer, json=body or None)

    def someone(self, role: str, at: UUID | None = None, **values: Any) -> Person:
        """Somebody of the staff."""
        with self.database.transaction() as tx:
            return a_person(tx, role, at=at, **values)


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with own_database("identity") as database:
        with database.transaction() as tx:
            here, there = a_branch(tx, "HN01"), a_branch(tx, "HN02")
            owner, till = a_person(tx, "owner", email="chu@lua.vn", password=PASSWORD), a_till(tx, here)
        with serving(database.url) as server, httpx.Client(base_url=server.url, timeout=30) as http:
            yield Office(server.url, http, database, here, there, owner, till)


@pytest.fixture
def browser(office: Office) -> Iterator[httpx.Client]:
    """A browser with cookies of its own, whose pages are ours."""
    with httpx.Client(base_url=office.url, timeout=30, headers=OURS) as client:
        yield client


def sign_in(browser: httpx.Client, email: str = "chu@lua.vn", password: str = PASSWORD) -> httpx.Response:
    """Sign in to the office."""
    return browser.post("/api/auth/sign-in", json={"email": email, "password": password})


def test_an_office_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(browser: httpx.Client) -> None:
    answer = sign_in(browser)
    cookie = answer.headers["set-cookie"]
    assert answer.json()["staff"]["email"] == "chu@lua.vn"
    assert ("HttpOnly" in cookie, "SameSite=strict" in cookie) == (True, True)
    assert browser.get("/api/me").json()["roles"] == [{"role": "owner", "location_id": None}]
    del browser.headers["x-placket"]
    foreign = browser.post("/api/auth/sign-out")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_request")
    assert browser.get("/api/me").status_code == 200


def test_a_session_ends_at_once_wherever_it_is_ended(office: Office, browser: httpx.Client) -> None:
    assert sign_in(browser).status_code == 200
    assert browser.get("/api/me").status_code == 200
    with httpx.Client(base_url=office.url, timeout=30, headers=OURS) as other:
        sign_in(other)
        sessions = other.get("/api/sessions").json()["items"]
        (mine,) = (session for session in sessions if session["current"])
        for session in sessions:
            if session["user_agent"] == mine["user_agent"] and session["id"] != mine["id"]:
                assert other.delete(f"/api/sessions/{session['id']}").status_code == 204
        assert browser.get("/api/me").status_code == 401
        assert other.post("/api/auth/sign-out").status_code == 204
        assert other.get("/api/me").status_code == 401


def test_nobody_ends_or_sees_the_sessions_of_others_without_the_right(office: Office) -> None:
    cashier = office.someone("cashier", office.here)
    foreign = office.ask("DELETE", f"sessions/{office.owner.session_id}", cashier)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    peek = office.ask("GET", f"sessions?staff_id={office.owner.id}", cashier)
    assert (peek.status_code, peek.json()["code"]) == (403, "not_permitted")
    assert office.ask("GET", "me").status_code == 200


def test_guessing_is_slowed_down_and_says_for_how_long(office: Office, browser: httpx.Client) -> None:
    office.someone("accountant", email="an@lua.vn", password=PASSWORD)
    answers = [sign_in(browser, "an@lua.vn", "wrong") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    locked = sign_in(browser, "an@lua.vn")
    assert (locked.json()["code"], int(locked.headers["retry-after"]) in range(1, 61)) == ("too_many_attempts", True)
    assert sign_in(browser).status_code == 200


def test_five_wrong_pins_lock_one_person_at_one_till(office: Office) -> None:
    thu = office.someone("cashier", office.here, pin="246810")
    chi = office.someone("cashier", office.here, pin="246810")
    device = {"authorization": f"Bearer {office.till.device_token}"}

    def enter(person: Person, pin: str) -> httpx.Response:
        return office.http.post("/api/till/sign-in", headers=device, json={"staff_id": str(person.id), "pin": pin})

    answers = [enter(thu, "000000") for _ in range(5)]
    assert [answer.json()["facts"] for answer in answers] == [{"attempts_left": left} for left in (4, 3, 2, 1, 0)]
    assert enter(thu, "246810").json()["code"] == "too_many_attempts"
    signed_in = enter(chi, "246810").json()
    assert signed_in["permissions"]["sale.void"] == {"discount_bp_max": None, "refund_vnd_max": 2_000_000}


def test_a_badge_signs_in_where_its_person_works_and_the_one_before_it_no_longer_does(office: Office) -> None:
    thu = office.someone("cashier", office.here, pin="246810")
    device = {"authorization": f"Bearer {office.till.device_token}"}

    def scan(code: str) -> httpx.Response:
        return office.http.post("/api/till/sign-in/badge", headers=device, json={"code": code})

    first = office.ask("POST", f"staff/{thu.id}/badge").json()["code"]
    assert (len(first), first[:4], badges.read_code(first) is not None) == (13, "0600", True)
    signed_in = scan(first).json()
    assert (signed_in["staff"]["id"], "sale.sell" in signed_in["permissions"]) == (str(thu.id), True)
    assert office.http.get("/api/me", headers={"authorization": f"Bearer {signed_in['token']}"}).status_code == 200
    second = office.ask("POST", f"staff/{thu.id}/badge").json()["code"]
    if second != first:
        assert (scan(first).status_code, scan(first).json()["code"]) == (401, "wrong_badge")
    assert scan(second).status_code == 200
    away = office.someone("cashier", office.there, pin="246810")
    elsewhere = office.ask("POST", f"staff/{away.id}/badge").json()["code"]
    assert scan(elsewhere).json()["code"] == "wrong_badge"
    cashier = office.someone("cashier", office.here)
    assert office.ask("POST", f"staff/{thu.id}/badge", cashier).json()["code"] == "not_permitted"


def test_guessing_a_badge_counts_with_guessing_the_pin(office: Office) -> None:
    thu = office.someone("cashier", office.here, pin="246810")
    device = {"authorization": f"Bearer {office.till.device_token}"}
    right = office.ask("POST", f"staff/{thu.id}/badge").json()["code"]
    secret = (int(right[8:12]) + 1) % 10_000
    wrong = f"{right[:8]}{secret:04d}"
    wrong += badges.check_digit(wrong)
    for _ in range(4):
        assert office.http.post("/api/till/sign-in/badge", headers=device, json={"code": wrong}).status_code == 401
    pin = {"staff_id": str(thu.id), "pin": "000000"}
    assert office.http.post("/api/till/sign-in", headers=device, json=pin).json()["facts"] == {"attempts_left": 0}
    locked = office.http.post("/api/till/sign-in/badge", headers=device, json={"code": right})
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_attempts")


def test_a_till_knows_its_branch_its_staff_and_the_settings(office: Office) -> None:
    thu = office.someone("store_manager", office.here, pin="246810")
    device = {"authorization": f"Bearer {office.till.device_token}"}
    start = office.http.get("/api/till", headers=device).json()
    assert (start["till"]["code"], start["branch"]["code"], start["settings"]) == (
        "HN01-1",
        "HN01",
        {"cash_rounding_vnd": 1_000, "drawer_vnd_max": 20_000_000, "public_address": None},
    )
    (tile,) = (tile for tile in start["staff"] if tile["id"] == str(thu.id))
    assert (tile["initials"], tile["role"]) == ("TS", "store_manager")
    assert tile["verbs"]["sale.discount"] == {"discount_bp_max": 2_000, "refund_vnd_max": None}
    assert "settings.write" not in tile["verbs"]
    assert office.http.get("/api/till", headers=office.owner.bearer).status_code == 401


def test_a_device_pairs_by_the_code_of_the_office(office: Office) -> None:
    wish = {"location_id": str(office.here), "till_name": "Quầy 2"}
    made = office.ask("POST", "tills/pairing-codes", **wish)
    assert made.status_code == 201
    paired = office.http.post("/api/tills/pair", json={"code": made.json()["code"]})
    assert (paired.status_code, paired.json()["till"]["code"]) == (201, "HN01-2")
    again = office.http.post("/api/tills/pair", json={"code": made.json()["code"]})
    assert (again.status_code, again.json()["code"]) == (409, "pairing_code_invalid")
    manager = office.someone("store_manager", office.there)
    refused = office.ask("POST", "tills/pairing-codes", manager, **wish)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


def test_an_email_is_taken_away_only_when_that_is_said(office: Office) -> None:
    mai = office.someone("accountant", email="mai@lua.vn")
    renamed = office.ask("PATCH", f"staff/{mai.id}", version=1, full_name="Trần Mai").json()
    assert (renamed["full_name"], renamed["email"]) == ("Trần Mai", "mai@lua.vn")
    cleared = office.ask("PATCH", f"staff/{mai.id}", version=2, email=None).json()
    assert (cleared["full_name"], cleared["email"], cleared["version"]) == ("Trần Mai", None, 3)
    taken = office.ask("POST", "staff", id=str(new_id()), full_name="Lê Mai", email="mai@lua.vn", roles=[])
    assert taken.status_code == 201


def test_the_last_owner_keeps_the_email_they_sign_in_with(office: Office) -> None:
    shown = office.ask("GET", "staff?q=owner").json()["items"]
    (owner,) = (person for person in shown if person["id"] == str(office.owner.id))
    refused = office.ask("PATCH", f"staff/{office.owner.id}", version=owner["version"], email=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")


def test_the_staff_list_shows_where_one_may_look(office: Office) -> None:
    mine, other = office.someone("cashier", office.here), office.someone("cashier", office.there)
    manager = office.someone("store_manager", office.here)

    def listed(query: str, who: Person) -> set[str]:
        page = office.ask("GET", f"staff?limit=200{query}", who).json()
        return {person["id"] for person in page["items"]}

    assert {str(mine.id), str(manager.id)} <= listed("", manager)
    assert str(other.id) not in listed("", manager)
    assert listed(f"&location_id={office.there}", manager) == set()
    assert {str(mine.id), str(other.id)} <= listed("&q=nguyen thi cash", office.owner)


def test_a_role_at_a_place_that_is_not_there_is_refused(office: Office) -> None:
    role = {"role": "cashier", "location_id": str(new_id())}
    refused = office.ask("POST", "staff", id=str(new_id()), full_name="Lê An", roles=[role])
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_location")


def test_an_owner_opens_a_branch_that_sells(office: Office) -> None:
    body = {"id": str(new_id()), "code": "DN01", "name": "Đà Nẵng", "kind": "branch", "city": "Đà Nẵng"}
    opened = office.ask("POST", "locations", **body)
    assert (opened.status_code, opened.json()["status"]) == (201, "active")
    again = office.ask("POST", "locations", **{**body, "id": str(new_id())})
    assert (again.status_code, again.json()["code"]) == (409, "location_code_taken")
    assert "DN01" in [place["code"] for place in office.ask("GET", "locations").json()["items"]]
    code = office.ask("POST", "tills/pairing-codes", location_id=body["id"], till_name="Quầy 1").json()["code"]
    assert office.http.post("/api/tills/pair", json={"code": code}).json()["till"]["code"] == "DN01-1"
    manager = office.someone("store_manager", office.here)
    assert office.ask("POST", "locations", manager, **{**body, "code": "DN02"}).json()["code"] == "not_permitted"


def test_a_branch_is_renamed_and_closed_only_when_it_is_empty(office: Office) -> None:
    place = new_id()
    body = {"id": str(place), "code": "HU01", "name": "Huế", "kind": "branch", "city": "Huế"}
    assert office.ask("POST", "locations", **body).status_code == 201
    changed = office.ask("PATCH", f"locations/{place}", name="Trường Tiền", opening_hours={"mon": "09:00-21:30"})
    assert (changed.json()["name"], changed.json()["opening_hours"]) == ("Trường Tiền", {"mon": "09:00-21:30"})
    with office.database.transaction() as tx:
        goods = a_style(tx, "AO0001")
        stocked(tx, place, {goods.one: 1})
    refused = office.ask("PATCH", f"locations/{place}", status="closed")
    assert (refused.status_code, refused.json()["code"]) == (409, "location_in_use")
    with office.database.transaction() as tx:
        stocked(tx, place, {goods.one: -1})
    assert office.ask("PATCH", f"locations/{place}", status="closed").status_code == 200
    assert "HU01" not in [listed["code"] for listed in office.ask("GET", "locations").json()["items"]]
    for nothing in ({}, {"name": None}, {"code": "HU02"}):
        assert office.http.patch(f"/api/locations/{place}", headers=office.owner.bearer, json=nothing).status_code == 422


def test_the_rounding_of_cash_is_a_setting_that_every_process_hears_of(office: Office) -> None:
    assert office.ask("GET", "settings").json() == {"cash_rounding_vnd": 1_000, "drawer_vnd_max": 20_000_000}
    assert office.ask("PUT", "settings", cash_rounding_vnd=500).status_code == 204
    with office.database.transaction() as tx:
        goods = a_style(tx, "AO0500", price_vnd=199_500)
        stocked(tx, office.here, {goods.one: 1})
        till = a_till(tx, office.here)
    sale = {
        "id": str(new_id()),
        "opening": 1,
        "receipt_no": 1,
        "price_version": 1,
        "promo_version": 0,
        "at": office.http.get("/api/till", headers={"authorization": f"Bearer {till.device_token}"}).json()["server_time"],
        "lines": [{"variant_id": str(goods.one), "qty": 1, "source_id": str(office.here), "unit_vnd": 199_500}],
        "total_vnd": 199_500,
        "rounding_vnd": 0,
        "tenders": [{"kind": "cash", "amount_vnd": 199_500, "tendered_vnd": 200_000, "change_vnd": 500}],
    }
    deadline = time.monotonic() + 5
    while (answer := office.http.post("/api/sales", headers=till.bearer, json=sale)).status_code == 409:
        assert time.monotonic() < deadline, answer.text
    assert answer.status_code == 201, answer.text
    refused = office.ask("PUT", "settings", cash_rounding_vnd=7)
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed")
    assert office.ask("PUT", "settings", cash_rounding_vnd=1_000, drawer_vnd_max=5_000_000).status_code == 204
    assert office.ask("GET", "settings").json() == {"cash_rounding_vnd": 1_000, "drawer_vnd_max": 5_000_000}
    assert office.ask("PUT", "settings", cash_rounding_vnd=1_000, drawer_vnd_max=20_000_000).status_code == 204


def test_the_audit_log_is_read_newest_first(office: Office) -> None:
    person = {"id": str(new_id()), "full_name": "Lê An", "roles": []}
    assert office.ask("POST", "staff", **person).status_code == 201
    assert office.ask("POST", f"staff/{person['id']}/pin", pin="135790").status_code == 204
    lines = office.ask("GET", f"audit?subject_type=staff&subject_id={person['id']}").json()["items"]
    assert [(line["action"], line["staff_id"]) for line in lines] == [
        ("staff.pin_set", str(office.owner.id)),
        ("staff.created", str(office.owner.id)),
    ]
    assert "135790" not in str(lines)
    cashier = office.someone("cashier", office.here)
    assert office.ask("GET", "audit", cashier).json()["code"] == "not_permitted"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "staff", {"id": str(new_id()), "full_name": "Lê\x00An", "roles": []}),
        ("POST", "staff", {"id": str(new_id()), "full_name": "Lê An", "email": "a\x00@lua.vn", "roles": []}),
        ("GET", "audit?subject_type=%00", {}),
        ("GET", "staff?q=%00", {}),
    ],
)
def test_text_that_nothing_can_hold_is_malformed_or_finds_nothing(
    office: Office, method: str, path: str, body: dict[str, Any]
) -> None:
    answer = office.ask(method, path, **body)
    assert answer.status_code in {200, 422}, answer.text
    assert (answer.status_code == 200) == path.startswith("staff?")
