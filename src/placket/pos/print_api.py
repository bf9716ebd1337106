"""Routes of paper from the office: send a job to a branch, and the bridge of the branch asking for it."""

import base64
import binascii
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from placket import identity
from placket.core import clock
from placket.core.http import Answer, Id, Strict, refuses
from placket.core.refusals import NotFound, Refusal
from placket.pos import print_jobs

router = APIRouter(prefix="/api", tags=["printing"])

VERB = "stock.adjust"
BY_BRIDGE = {"x-permission": "bridge"}
Sender = Annotated[identity.Principal, Depends(identity.Permit(VERB))]


class NoPicture(Refusal):
    """The bits are not what the measures say."""

    code = "no_picture"
    status = 422
    vi = "Hình in không đọc được."
    en = "The picture cannot be read."


class PictureSent(Strict):
    """One bit a dot, rows padded to whole bytes, in Base64."""

    width: Annotated[int, Field(ge=1, le=576)]
    height: Annotated[int, Field(ge=1, le=20_000)]
    bits: Annotated[str, Field(max_length=200_000)]


class JobSent(Strict):
    """A picture for a branch's printer; ``title`` says what it is in the branch's list."""

    id: Id
    location_id: Id
    kind: Literal["tag", "bag"]
    title: Annotated[str, Field(min_length=1, max_length=120)]
    raster: PictureSent
    copies: Annotated[int, Field(ge=1, le=50)] = 1


class Ended(Strict):
    """What became of a job."""

    id: Id
    outcome: Literal["printed", "dropped"]


class Asking(Strict):
    """What a bridge says when it asks: how its printer is, which jobs it has kept, which have ended."""

    state: Literal["ready", "paper_out", "cover_open", "fault", "offline"]
    taken: Annotated[tuple[Id, ...], Field(max_length=100, strict=False)] = ()
    ended: Annotated[tuple[Ended, ...], Field(max_length=500, strict=False)] = ()


class JobGiven(Answer):
    """A job for the bridge."""

    id: UUID
    kind: str
    copies: int
    width: int
    height: int
    bits: str


class Given(Answer):
    """What to print next, and the jobs whose end the server does not know yet."""

    jobs: list[JobGiven]
    asked: list[UUID]


@router.post(
    "/print-jobs",
    status_code=204,
    responses=refuses(NotFound, NoPicture, print_jobs.NoPrintBridge, print_jobs.PrintQueueFull),
)
def send(body: JobSent, who: Sender, request: Request) -> None:
    """Have a picture printed at a branch. Safe to repeat."""
    if not who.may(VERB, body.location_id):
        raise NotFound
    try:
        bits = base64.b64decode(body.raster.bits, validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise NoPicture from wrong
    if len(bits) != (body.raster.width + 7) // 8 * body.raster.height:
        raise NoPicture
    with identity.database_of(request).transaction() as tx:
        print_jobs.send(
            tx,
            job_id=body.id,
            location_id=body.location_id,
            kind=body.kind,
            title=body.title,
            picture=print_jobs.Picture(body.raster.width, body.raster.height, bits),
            copies=body.copies,
            by=who,
            now=clock.now(),
        )


@router.post("/print-bridge/ask", openapi_extra=BY_BRIDGE, responses=refuses(identity.NotSignedIn))
def ask(body: Asking, request: Request) -> Given:
    """What a bridge is to print. For the keys of bridges."""
    with identity.database_of(request).transaction() as tx:
        try:
            bridge = print_jobs.bridge_of(tx, identity.token_of(request) or "")
        except NotFound as unknown:
            raise identity.NotSignedIn from unknown
        jobs, asked = print_jobs.hand_out(
            tx,
            bridge=bridge,
            state=body.state,
            taken=body.taken,
            ended={one.id: one.outcome for one in body.ended},
            now=clock.now(),
        )
        given = [
            JobGiven(
                id=job.id,
                kind=job.kind,
                copies=job.copies,
                width=job.width,
                height=job.height,
                bits=base64.b64encode(job.bits).decode(),
            )
            for job in jobs
        ]
        return Given(jobs=given, asked=list(asked))
