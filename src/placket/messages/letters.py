"""A message as it is sent: by its kind's words, or (advertising) by the words somebody has written."""

from collections.abc import Mapping
from typing import Any, Final

from placket import identity
from placket.core.ids import new_id
from placket.messages import policy, rules, words
from placket.messages.models import Channel, Message
from placket.messages.ways import Letter
from placket.messages.words import code_picture, digits, house_line, pages, vnd, word_of

OWN_WORDS: Final = "campaign"
"""The kind whose words come with its facts: somebody has written them."""


def letter_of(message: Message, *, company: identity.Company | None) -> Letter:
    """A message as it is sent: filled with its facts, in its language."""
    if message.kind == OWN_WORDS:
        return _advertising(message, company)
    return words.letter_of(message, company=company)


def previewed(
    facts: Mapping[str, Any], *, channel: Channel, address: str, language: str, company: identity.Company | None
) -> Letter:
    """What somebody has written, as it would be sent."""
    written = Message(id=new_id(), kind=OWN_WORDS, channel=channel, address=address, language=language, facts=dict(facts))
    return letter_of(written, company=company)


def _advertising(message: Message, company: identity.Company | None) -> Letter:
    """Labelled, with the way out of it at its end: nobody who writes a campaign can leave them away."""
    name = "Placket" if company is None else company.name
    facts, language = message.facts, message.language
    subject, opt_out_url = policy.labelled(facts["subject"]), facts["opt_out_url"]
    if message.channel != "email":
        way_out = f"{word_of('opt_out_sms' if message.channel == 'sms' else 'opt_out_zalo', language)}: {opt_out_url}"
        line = policy.labelled(facts["line"])
        if message.channel == "sms":
            line, way_out = rules.cut(rules.plain(line), rules.SMS_MAX - len(way_out) - 1), rules.plain(way_out)
        text = f"{line} {way_out}" if message.channel == "sms" else f"{line}\n{way_out}"
        return Letter(message.id, message.address, name, subject, text, opt_out_url=opt_out_url)
    voucher = facts.get("voucher")
    shown = {
        "language": language,
        "company": name,
        "company_line": house_line(company),
        "heading": facts["heading"],
        "facts": {"voucher": None, "button": None, "goods": None} | facts,
        "t": lambda part: word_of(part, language),
        "digits": digits,
        "vnd": vnd,
        "picture": "cid:code.png",
    }
    return Letter(
        message.id,
        message.address,
        name,
        subject,
        text=pages().get_template("campaign.txt").render(shown),
        html=pages().get_template("campaign.html").render(shown),
        pictures={} if voucher is None else {"code.png": code_picture(voucher["code"])},
        opt_out_url=opt_out_url,
    )
