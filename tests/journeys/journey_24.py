"""Journey 24, an RFM campaign: the night finds who is about to leave, a segment names them, a campaign writes to them.

A tenth is held out. In quiet hours nobody is told; who takes their consent back meanwhile never is; everybody else gets one
mail with a voucher of their own. One is used on the web, one by scan at till B, and the report says what that is worth
beside those held out. The groups, the audience and the report are computed here another way.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import NormalDist, fmean, variance
from typing import Any
from uuid import uuid4

import psycopg
from offering import dong, expect_due, post, publish
from parcels import send
from playwright.sync_api import Page, expect
from shoppers import PHONE, Shopper
from tills import CENTRE, PIN, Goods, goods_at, pay_cash

from placket import clockwork
from placket.core import clock
from placket.core.codes import own_code
from placket.tables import Database
from stage import Stage

HERE = "HN02"
GROUPS = {"at_risk": "Có nguy cơ rời bỏ", "about_to_sleep": "Sắp ngủ đông"}
WAS = "Khách hàng hàng đầu"
F_FROM = (2, 3, 5, 8)
OFF_VND = 100_000
HELD_BP = 1_000
ENOUGH = 30
OLD_BORDERS = timedelta(days=20)
QUIET_MS = 5_000
SENT_MS = 120_000
OPEN = {"from": "0:00", "until": "24:00", "day": "10", "week": "50"}
NOON = 12 * 60
NUMBER = re.compile(r"[-−]?\d{1,3}(?:\.\d{3})*(?![\d%])")

LAST_BOUGHT = """
SELECT coalesce(c.merged_into, c.id)::text, max(s.sold_on), count(*) FROM sale s JOIN customer c ON c.id = s.customer_id
 WHERE s.state = 'posted' AND EXISTS (SELECT 1 FROM sale_line l WHERE l.sale_id = s.id AND l.qty > 0)
   AND (SELECT a.profiled FROM customer_account a WHERE a.customer_id = coalesce(c.merged_into, c.id)) GROUP BY 1
"""
# The last word about advertising that speaks of mail is yes, and there is an address.
REACHED = """
SELECT count(DISTINCT c.email) FROM customer c WHERE c.id = ANY(%s::uuid[]) AND c.email IS NOT NULL
   AND (SELECT k.granted FROM consent k WHERE k.customer_id = c.id AND k.purpose = 'marketing'
           AND coalesce(k.way, 'email') = 'email' ORDER BY k.id DESC LIMIT 1)
"""
PEOPLE = """
SELECT c.id::text, c.full_name, c.given_name, c.member_no, c.email, v.code, r.state
  FROM campaign_recipient r JOIN customer c ON c.id = r.customer_id LEFT JOIN voucher v ON v.id = r.voucher_id
  LEFT JOIN location h ON h.id = c.home_location_id
 WHERE r.campaign_id = %s::uuid ORDER BY h.code IS DISTINCT FROM 'HN02', c.id
"""
BOUGHT = """
SELECT r.state = 'held_out', r.customer_id::text, s.channel, coalesce(s.total_vnd, 0)
  FROM campaign_recipient r LEFT JOIN sale s ON s.customer_id = r.customer_id AND s.state = 'posted'
   AND s.sold_at >= r.planned_at WHERE r.campaign_id = %s::uuid
"""


@dataclass(frozen=True)
class Person:
    """Somebody of the audience."""

    id: str
    full_name: str
    given_name: str
    member_no: int
    email: str
    voucher: str | None
    state: str


def run(stage: Stage) -> None:
    """Play one round."""
    since = len(stage.inbox.mails)
    by_group = night(stage)
    office = stage.office("M", "owner@lua.example", "lua-demo-2026", viewport={"width": 1440, "height": 900})
    promotion_id = publish(
        office,
        f"Mời bạn trở lại {stage.round}",
        {"group": 9, "voucher": True, "reward": {"kind": "amount", "vnd": OFF_VND}},
    )
    on_the_grid(stage, office, by_group)
    leaving = [one for group in by_group.values() for one in group]
    segment_id = segment(stage, office, leaving)
    house(office, quiet_now())
    campaign_id, reached = campaign(stage, office, segment_id, promotion_id, leaving)
    silent, *others = waits(stage, office, campaign_id, since)
    told = goes_out(stage, office, campaign_id, silent, since)
    web, at_till, unsubscribed = (next(one for one in told if one.id == each.id) for each in others[:3])
    wants_no_more(stage, office, segment_id, unsubscribed, reached)
    till = stage.till("B", f"{HERE}-1")
    stage.sign_in_at_till(till, PIN)
    goods = [one for one in goods_at(stage, till, CENTRE, at_least=2) if one.price_vnd % 1_000 == 0]
    on_the_web(stage, office, web, goods[stage.round])
    goods = [one for one in goods_at(stage, till, HERE, at_least=2) if one.price_vnd % 1_000 == 0]
    held_out = next(one for one in people(stage, campaign_id) if one.state == "held_out")
    at_the_till(stage, till, at_till, goods[stage.round * 2], uses_voucher=True)
    at_the_till(stage, till, held_out, goods[stage.round * 2 + 1], uses_voucher=False)
    report(stage, office, campaign_id)
    never = {silent.email, unsubscribed.email}
    late = [mail for mail in advertising(stage, since) if str(mail["to"]) in never]
    stage.check("who wants no more was not written to again", holds=len(late) == 1)


def night(stage: Stage) -> dict[str, list[str]]:
    """The night's own job, after a month in which nobody took the borders anew; answers who is about to leave.

    The borders are taken away, not the history: scores stand as the older ones make them, until the job runs.
    """
    now = clock.now()
    on = clock.business_day(now)
    url = stage.server.database_url
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1 FROM score_cursor FOR UPDATE")
        connection.execute("DELETE FROM rfm_borders WHERE on_date > %s", [on - OLD_BORDERS])
        connection.execute("SELECT score_customers(NULL, %s, %s)", [on, now])
        connection.execute("DELETE FROM customer_move WHERE on_date = %s", [on])
    database = Database(url, pool_size=1)
    clockwork.score_everybody(database, now)
    database.engine.dispose()
    moved = stage.rows("SELECT count(*) FROM customer_move WHERE on_date = %s AND to_group = 'at_risk'", on)[0][0]
    stage.check("the night has moved somebody to those about to leave", holds=moved > 0)
    leaving = about_to_leave(stage.rows(LAST_BOUGHT))
    for group, people_of in leaving.items():
        scored = [row[0] for row in stage.rows("SELECT customer_id::text FROM customer_score WHERE group_key = %s", group)]
        holds = sorted(people_of) == sorted(scored)
        stage.check(f"{len(people_of)} are {group}, not {len(scored)}", holds=holds)
    return leaving


def about_to_leave(rows: Sequence[tuple[str, date, int]]) -> dict[str, list[str]]:
    """The reference: of the oldest two fifths who came three times to seven, of the middle one who came once or twice."""
    days = sorted(last for _, last, _ in rows)
    r_from = [days[-(-len(days) * fifth // 5) - 1] for fifth in range(1, 5)]
    scores = [(key, 1 + sum(last >= one for one in r_from), 1 + sum(n >= one for one in F_FROM)) for key, last, n in rows]
    return {
        "at_risk": [key for key, r, f in scores if r <= 2 and f in {3, 4}],
        "about_to_sleep": [key for key, r, f in scores if r == 3 and f <= 2],
    }


def on_the_grid(stage: Stage, office: Page, leaving: dict[str, list[str]]) -> None:
    """The groups beside the grid have as many people."""
    office.goto("/office/customer-groups")
    for group, people_of in leaving.items():
        row = office.get_by_test_id("office.rfm.groups").get_by_role("row").filter(has_text=GROUPS[group])
        expect(row).to_contain_text(dong(len(people_of)))
    stage.shot(office, "M-grid")


def segment(stage: Stage, office: Page, leaving: list[str]) -> str:
    """The sentence, counted while it is written; answers the segment's id."""
    name = f"Sắp rời bỏ {stage.round}"
    office.get_by_test_id("office.segments.new").click()
    office.get_by_test_id("office.segment.name").fill(name)
    office.get_by_test_id("office.segment.condition.0").locator("select").first.select_option("group")
    office.get_by_test_id("office.segment.groups").click()
    for group in (WAS, *GROUPS.values()):
        office.get_by_role("listbox").get_by_role("option", name=group, exact=True).click()
    office.keyboard.press("Escape")
    expect(office.get_by_test_id("office.segment.count")).to_have_text(f"{dong(len(leaving))} khách")
    office.get_by_test_id("office.segment.sql").click()
    stage.shot(office, "M-segment")
    office.get_by_test_id("office.segment.save").click()
    office.get_by_test_id("office.segments.list").wait_for()
    ((segment_id,),) = stage.rows("SELECT id::text FROM segment WHERE name = %s", name)
    members = stage.rows("SELECT count(*) FROM segment_member WHERE segment_id = %s::uuid", segment_id)[0][0]
    stage.check("its members are rows", holds=members == len(leaving))
    return str(segment_id)


def quiet_now() -> dict[str, str]:
    """Hours of the house that are far from now."""
    local = clock.now().astimezone(clock.VIETNAM)
    is_late = local.hour * 60 + local.minute >= NOON
    return OPEN | ({"from": "0:00", "until": "1:00"} if is_late else {"from": "23:00", "until": "24:00"})


def house(office: Page, rule: dict[str, str]) -> None:
    """Set the hours and caps of advertising."""
    office.goto("/office/campaigns")
    office.get_by_test_id("office.campaigns.house").click()
    for field, typed in rule.items():
        office.get_by_test_id(f"office.house.{field}").fill(typed)
    office.get_by_test_id("office.house.save").click()
    expect(office.get_by_test_id("office.house.save")).to_have_count(0)


def campaign(stage: Stage, office: Page, segment_id: str, promotion_id: str, leaving: list[str]) -> tuple[str, int]:
    """Written, looked at for one person and sent after its number was seen; answers its id and how many agree to mail."""
    ((reached,),) = stage.rows(REACHED, leaving)
    office.goto("/office/customer-groups?part=segments")
    office.get_by_test_id(f"office.segments.campaign.{segment_id}").click()
    office.get_by_test_id("office.campaign.name").fill(f"Mời trở lại {stage.round}")
    office.get_by_test_id("office.campaign.gift").select_option(promotion_id)
    office.get_by_test_id("office.campaign.subject").fill("Quà riêng cho {given_name}")
    office.get_by_test_id("office.campaign.heading").fill("Chào {given_name}")
    office.get_by_test_id("office.campaign.body").fill(
        "Lâu rồi chưa gặp bạn.\n\nTặng bạn 100.000 ₫, dùng đến {voucher_until}."
    )
    expect(office.get_by_test_id("office.campaign.holdout")).to_have_value(str(HELD_BP // 100))
    expect(office.get_by_test_id("office.campaign.told")).to_be_visible()
    campaign_id = office.url.partition("?")[0].rsplit("/", 1)[1]
    wish = {"campaign_id": campaign_id, "segment_id": segment_id, "channel": "email", "holdout_bp": HELD_BP}
    counted = post(office, "/api/campaigns/audience", wish)
    told, held = counted["told"], counted["held_out"]
    stage.check(f"{told} and {held} are the {reached} who agree", holds=told + held == reached)
    stage.check(f"about a tenth is held out, not {held}", holds=held >= ENOUGH and abs(held / reached - 0.1) < 0.05)
    expect(office.get_by_test_id("office.campaign.told")).to_have_text(f"{dong(told)} khách sẽ nhận")
    office.get_by_test_id("office.campaign.person").select_option(index=1)
    sample = counted["sample"][0]["full_name"].rsplit(" ", 1)[1]
    mail = office.frame_locator("[data-testid='office.campaign.look.page']")
    expect(mail.locator("body")).to_contain_text(f"Chào {sample}")
    expect(office.get_by_test_id("office.campaign.look")).to_contain_text("[QC]")
    stage.shot(office, "M-campaign")
    office.get_by_test_id("office.campaign.send").click()
    typed = office.get_by_test_id("office.campaign.typed")
    if told > 1_000:
        typed.fill(str(told))
    office.get_by_test_id("office.campaign.send.confirm").click()
    expect(office.get_by_test_id("office.campaign.progress")).to_be_visible()
    return campaign_id, reached


def waits(stage: Stage, office: Page, campaign_id: str, since: int) -> list[Person]:
    """In quiet hours it has begun and tells nobody. Who takes their word back meanwhile comes first of those planned."""
    expect(office.get_by_test_id("office.campaign.waits")).to_be_visible()
    stage.shot(office, "M-quiet-hours")
    planned = [one for one in people(stage, campaign_id) if one.state == "planned"]
    office.goto(f"/office/customers/{planned[0].id}")
    office.get_by_test_id("office.person.tabs").get_by_text("Điểm, tín dụng, đồng ý").click()
    office.get_by_test_id("office.person.consent.marketing").click()
    agrees = "SELECT count(*) FROM marketing_consent WHERE customer_id = %s::uuid"
    stage.until("it is taken back", lambda: stage.rows(agrees, planned[0].id) == [(0,)])
    stage.shot(office, "M-takes-it-back")
    office.wait_for_timeout(QUIET_MS)
    stage.check("in quiet hours nobody is told", holds=not advertising(stage, since))
    return planned


def goes_out(stage: Stage, office: Page, campaign_id: str, silent: Person, since: int) -> list[Person]:
    """The hours open: one mail for each, with a voucher of their own and a way out; none for who took their word back."""
    house(office, OPEN)
    began = time.monotonic()
    office.goto(f"/office/campaigns/{campaign_id}")
    expect(office.get_by_test_id("office.campaign.progress")).to_contain_text("Hoàn tất", timeout=SENT_MS)
    stage.measure("hours open to the last mail", (time.monotonic() - began) * 1_000, limit=SENT_MS)
    everybody = people(stage, campaign_id)
    told = [one for one in everybody if one.state == "sent"]
    rest = sorted(one.state for one in everybody if one.state not in {"sent", "held_out"})
    stage.check(f"all but one were told, not {rest}", holds=rest == ["skipped"])
    mails = advertising(stage, since)
    stage.measure("mails", len(mails), unit="mails")
    to = sorted(str(mail["to"]) for mail in mails)
    stage.check("one mail each, and nobody else", holds=to == sorted(one.email for one in told) and silent.email not in to)
    of = {one.email: one for one in told}
    codes = {one.voucher for one in told}
    stage.check("every voucher is one person's", holds=None not in codes and len(codes) == len(told))
    for mail in mails:
        one, said = of[str(mail["to"])], words_of(mail)
        holds = str(one.voucher) in said.replace(" ", "") and f"Chào {one.given_name}" in said
        stage.check(f"{one.email} has their own name and voucher", holds=holds and "/u/" in str(mail["list-unsubscribe"]))
    return told


def wants_no_more(stage: Stage, office: Page, segment_id: str, one: Person, reached: int) -> None:
    """The link of the mail ends advertising at once; that is confirmed without any, and the next audience lacks them."""
    (mail,) = [mail for mail in advertising(stage, 0)[::-1] if str(mail["to"]) == one.email][:1]
    link = str(mail["list-unsubscribe"]).strip("<>")
    stage.check("the way out leads to us", holds=link.startswith(f"{stage.url}/u/"))
    page = stage.open("U", link.removeprefix(stage.url), **PHONE)
    page.get_by_role("button", name="Ngừng nhận qua e-mail").click()
    expect(page.get_by_role("status")).to_contain_text("Xong")
    stage.shot(page, "U-no-more")
    confirmed = "SELECT count(*) FROM message WHERE kind = 'opted_out' AND address = %s AND state = 'sent'"
    stage.until("it is confirmed", lambda: stage.rows(confirmed, one.email)[0][0] == 1)
    wish = {"campaign_id": str(uuid4()), "segment_id": segment_id, "channel": "email", "holdout_bp": 0}
    counted = post(office, "/api/campaigns/audience", wish)
    stage.check("both who want no more are out of the next audience", holds=counted["told"] == reached - 2)


def on_the_web(stage: Stage, office: Page, one: Person, goods: Goods) -> None:
    """Signed in by a code that comes by mail; the voucher is in the account and goes into the cart; the depot sends it."""
    shopper = Shopper(stage)
    shopper.sign_in(one.email)
    shopper.page.locator("p.row").filter(has_text=str(one.voucher)).get_by_role("button").click()
    stage.shot(shopper.page, "W-voucher")
    shopper.add(goods)
    shopper.page.goto("/cart")
    shopper.find(f"shop.cart.voucher.{one.voucher}").wait_for()
    shopper.check_out()
    expect(shopper.find("shop.checkout.total")).to_contain_text(dong(goods.price_vnd - OFF_VND))
    shopper.order_cod()
    send(stage, office, shopper.order["id"], CENTRE)
    uses = "SELECT s.channel FROM voucher v JOIN sale s ON s.id = v.sale_id WHERE v.code = %s AND s.customer_id = %s::uuid"
    stage.check("used once, on the web, by its owner", holds=stage.rows(uses, one.voucher, one.id) == [("web",)])


def at_the_till(stage: Stage, till: Page, one: Person, goods: Goods, *, uses_voucher: bool) -> None:
    """Card, piece and voucher by scan, F9; whoever has just bought is about to leave no more."""
    stage.scan(till, own_code("04", one.member_no, digits=9))
    expect(till.get_by_test_id("pos.customer.name_shown")).to_have_text(one.full_name)
    stage.scan(till, goods.barcode)
    expect_due(till, goods.price_vnd)
    if uses_voucher:
        stage.scan(till, str(one.voucher))
        expect_due(till, goods.price_vnd - OFF_VND)
        stage.shot(till, "B-voucher")
    pay_cash(till)
    recent = "SELECT r FROM customer_score WHERE customer_id = %s::uuid"
    stage.until("the buyer is scored at once", lambda: stage.rows(recent, one.id) == [(5,)])


def report(stage: Stage, office: Page, campaign_id: str) -> None:
    """Both groups by both channels and what each told person bought more, with its error bar: as computed here."""
    office.goto(f"/office/campaigns/{campaign_id}")
    shown = office.get_by_test_id("office.campaign.report")
    expect(shown.locator("tbody tr")).to_have_count(2)
    rows = stage.rows(BOUGHT, campaign_id)
    groups = []
    for place, held_out in enumerate((False, True)):
        own = [row[1:] for row in rows if row[0] is held_out]
        sums: dict[str, int] = {}
        for person, _, total_vnd in own:
            sums[person] = sums.get(person, 0) + total_vnd
        by = [sum(total_vnd for _, channel, total_vnd in own if channel == wanted) for wanted in ("store", "web")]
        groups.append(list(sums.values()))
        buyers = len({person for person, channel, total_vnd in own if channel is not None and total_vnd > 0})
        wanted = [len(sums), buyers, *by, sum(by), round(fmean(groups[-1]))]
        told = [numbers(cell)[0] for cell in shown.locator("tbody tr").nth(place).locator("td").all_inner_texts()]
        stage.check(f"the report says {told}, the sales {wanted}", holds=told == wanted)
        stage.check("somebody of each side has bought", holds=buyers >= 1)
    told_vnd, held_vnd = groups
    mean = fmean(told_vnd) - fmean(held_vnd)
    error = sqrt(variance(told_vnd) / len(told_vnd) + variance(held_vnd) / len(held_vnd)) * NormalDist().inv_cdf(0.975)
    wanted = [round(value) for value in (abs(mean), mean - error, mean + error, mean * len(told_vnd))]  # more, or less
    told = numbers(office.get_by_test_id("office.campaign.extra").inner_text())
    near = len(told) == len(wanted) and all(abs(one - other) <= 1 for one, other in zip(told, wanted, strict=True))
    stage.check(f"the uplift says {told}, the sales {wanted}", holds=near)
    expect(shown).to_contain_text("dùng ở cửa hàng 1, trên web 1")
    expect(shown).to_contain_text("1 khách đã bấm ngừng nhận")
    stage.shot(office, "M-report")


def people(stage: Stage, campaign_id: str) -> list[Person]:
    """The audience, those at home at till B's branch first."""
    return [Person(*row) for row in stage.rows(PEOPLE, campaign_id)]


def advertising(stage: Stage, since: int) -> list[Any]:
    """The mails that advertise, of those that have come since."""
    return [mail for mail in stage.inbox.mails[since:] if str(mail["subject"]).startswith("[QC]")]


def words_of(mail: Any) -> str:
    """The plain words of a mail."""
    return str(mail.get_body(("plain",)).get_content())


def numbers(said: str) -> list[int]:
    """The whole numbers of a text, percentages left out."""
    return [int(one.replace(".", "").replace("−", "-")) for one in NUMBER.findall(said)]
