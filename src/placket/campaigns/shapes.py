"""What the routes of campaigns take and answer."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from placket.core.http import Answer, Id, Strict

Channel = Literal["email", "sms", "zalo"]
CHANNELS: Final[tuple[Channel, ...]] = ("email", "sms", "zalo")
Share = Annotated[int, Field(ge=0, le=5_000)]
Minute = Annotated[int, Field(ge=0, le=1_440)]


class Template(Strict):
    """The words of a campaign, with gaps like ``{given_name}``; SMS and Zalo take the line, mail the rest."""

    subject: Annotated[str, Field(max_length=150)] = ""
    heading: Annotated[str, Field(max_length=150)] = ""
    body: Annotated[str, Field(max_length=4_000)] = ""
    line: Annotated[str, Field(max_length=400)] = ""
    button_label: Annotated[str, Field(max_length=60)] = ""
    button_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""


class CampaignText(Strict):
    """A campaign as it is written; the version is the one that was read, 0 for a new one.

    ``template_en`` is what those get who read English; without it everybody gets the one text. ``suggests`` puts into each
    mail what may suit its reader.
    """

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*\S[^\x00-\x1f]*$")]
    channel: Channel
    language: Literal["vi", "en"] = "vi"
    segment_id: Id | None = None
    template: Template
    template_en: Template | None = None
    promotion_id: Id | None = None
    voucher_days: Annotated[int, Field(ge=1, le=365)] | None = None
    holdout_bp: Share = 1_000
    window_days: Annotated[int, Field(ge=1, le=60)] = 14
    days: Annotated[int, Field(ge=30, le=1_000)] | None = None
    suggests: bool = False
    version: Annotated[int, Field(ge=0)]


class CampaignFace(Answer):
    """A campaign in a list: where it stands and how many of its people stand where."""

    id: UUID
    kind: str
    name: str
    channel: str
    state: str
    trouble: str | None
    starts_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    holdout_bp: int
    segment_id: UUID | None
    segment_name: str | None
    promotion_id: UUID | None
    promotion_name: str | None
    version: int
    written_at: datetime
    written_by_name: str | None
    counts: dict[str, int]


class CampaignShown(CampaignFace):
    """A campaign, whole. ``waits_until`` is when its channel may advertise again; none when it may now."""

    language: str
    template: Template
    template_en: Template | None
    voucher_days: int | None
    window_days: int
    days: int | None
    suggests: bool
    audience: dict[str, int] | None
    waits_until: datetime | None


class HouseShown(Answer):
    """The house's rule for advertising: minutes of the day, and how often at most to one person."""

    from_minute: int
    until_minute: int
    day_max: int
    week_max: int


class HouseRule(Strict):
    """The rule as it is set."""

    from_minute: Minute
    until_minute: Minute
    day_max: Annotated[int, Field(ge=1, le=10)]
    week_max: Annotated[int, Field(ge=1, le=50)]


class ChannelShown(Answer):
    """A channel: whether it leads anywhere, and when by law and house it may advertise."""

    channel: Channel
    is_open: bool
    from_minute: int
    until_minute: int


class Choices(Answer):
    """What a campaign may be made of."""

    channels: list[ChannelShown]
    house: HouseShown
    fields: list[str]
    own_address: str | None


class Wish(Strict):
    """An audience to count."""

    campaign_id: Id
    segment_id: Id
    channel: Channel
    holdout_bp: Share = 1_000


class Somebody(Answer):
    """One of the people who would be told."""

    id: UUID
    full_name: str


class Counted(Answer):
    """Who of a segment would be told, why others would not, and some of the people."""

    people: int
    told: int
    held_out: int
    no_consent: int
    no_address: int
    same_address: int
    sample: list[Somebody]


class Look(Strict):
    """A text to look at, as one person gets it."""

    name: Annotated[str, Field(max_length=80)] = ""
    channel: Channel
    language: Literal["vi", "en"] = "vi"
    template: Template
    has_voucher: bool = False
    suggests: bool = False
    customer_id: Id | None = None


class Looked(Answer):
    """A message as it would arrive. The page is the mail's; the others have words only."""

    subject: str
    text: str
    html: str | None


class Sending(Strict):
    """When it goes (now if nothing is said), and how many people its sender has confirmed."""

    version: int
    at: Annotated[AwareDatetime, Field(strict=False)] | None = None
    people: Annotated[int, Field(ge=1)]


class GroupShown(Answer):
    """What a group has bought within the window."""

    people: int
    buyers: int
    sum_vnd: int
    mean_vnd: int
    store_vnd: int
    web_vnd: int


class ExtraShown(Answer):
    """What each told person has bought more than one held out, with its 95 % interval, and what that comes to."""

    mean_vnd: int
    low_vnd: int
    high_vnd: int
    total_vnd: int


class Report(Answer):
    """What a campaign has brought. ``extra`` is none while a group is too small to say anything."""

    told: GroupShown
    held_out: GroupShown
    extra: ExtraShown | None
    enough: int
    vouchers_given: int
    vouchers_store: int
    vouchers_web: int
    opted_out: int
    window_days: int
    window_ends_at: datetime | None
