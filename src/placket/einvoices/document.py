"""A document as XML, in the shape that the tax authority's message 206 gives to invoices of cash registers."""

from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from placket.einvoices.models import Einvoice

VERSION: Final = "2.1.0"
NAME: Final = "HÓA ĐƠN GIÁ TRỊ GIA TĂNG"
RELATION: Final = {"replacing": "1", "adjusting": "2"}
GOODS, CENT = "1", 100


def xml_of(document: Einvoice, referred: Einvoice | None) -> str:
    """The whole document; ``referred`` is the one that it adjusts or replaces."""
    root = Element("HDon")
    data = SubElement(root, "DLHDon", Id="data")
    _head(SubElement(data, "TTChung"), document, referred)
    content = SubElement(data, "NDHDon")
    _people(content, document)
    goods = SubElement(content, "DSHHDVu")
    for line in document.lines:
        _line(SubElement(goods, "HHDVu"), line)
    _sums(SubElement(content, "TToan"), document)
    if document.code is not None:
        _put(root, "MCCQT", document.code)
    SubElement(root, "DLQRCode")
    return tostring(root, encoding="unicode")


def _head(head: Element, document: Einvoice, referred: Einvoice | None) -> None:
    _put(head, "PBan", VERSION)
    _put(head, "THDon", NAME)
    _put(head, "KHMSHDon", document.form)
    _put(head, "KHHDon", document.serial)
    _put(head, "SHDon", document.number)
    _put(head, "NLap", document.issued_on.isoformat())
    _put(head, "DVTTe", "VND")
    _put(head, "TGia", 1)
    _put(head, "HTTToan", "TM/CK")
    if referred is not None:
        related = SubElement(head, "TTHDLQuan")
        _put(related, "TCHDon", RELATION[document.kind])
        _put(related, "LHDCLQuan", "1")
        _put(related, "KHMSHDCLQuan", referred.form)
        _put(related, "KHHDCLQuan", referred.serial)
        _put(related, "SHDCLQuan", referred.number)
        _put(related, "NLHDCLQuan", referred.issued_on.isoformat())
        _put(related, "GChu", document.reason or "")


def _people(content: Element, document: Einvoice) -> None:
    seller = SubElement(content, "NBan")
    _put(seller, "Ten", document.seller["name"])
    _put(seller, "MST", document.seller["tax_code"] or "")
    _put(seller, "DChi", document.seller["address"] or "")
    place = SubElement(seller, "DDKDoanh")
    for tag, name in (("MDD", "code"), ("Ten", "name"), ("DChi", "address")):
        _put(place, tag, document.place[name] or "")
    buyer = SubElement(content, "NMua")
    _put(buyer, "Ten", document.buyer["name"])
    for tag, name in (("MST", "tax_code"), ("DChi", "address"), ("DCTDTu", "email")):
        if document.buyer.get(name):
            _put(buyer, tag, document.buyer[name])


def _line(into: Element, line: dict[str, Any]) -> None:
    _put(into, "TChat", GOODS)
    _put(into, "STT", line["no"])
    _put(into, "MHHDVu", line["sku"])
    _put(into, "THHDVu", line["name"])
    _put(into, "DVTinh", line["unit"])
    _put(into, "SLuong", line["qty"])
    _put(into, "DGia", cents(line["net_vnd"], line["qty"]))
    _put(into, "ThTien", line["net_vnd"])
    _put(into, "TSuat", rate(line["vat_bp"]))


def _sums(into: Element, document: Einvoice) -> None:
    rates = SubElement(into, "THTTLTSuat")
    for one in document.vat:
        of_rate = SubElement(rates, "LTSuat")
        _put(of_rate, "TSuat", rate(one["rate_bp"]))
        _put(of_rate, "ThTien", one["net_vnd"])
        _put(of_rate, "TThue", one["vat_vnd"])
    _put(into, "TgTCThue", document.net_vnd)
    _put(into, "TgTThue", document.vat_vnd)
    _put(into, "TgTTTBSo", document.total_vnd)
    _put(into, "TgTTTBChu", document.total_words)


def rate(rate_bp: int) -> str:
    """``8%``, ``8.5%``."""
    whole, part = divmod(rate_bp, 100)
    return f"{whole}{f'.{part:02d}'.rstrip('0') if part else ''}%"


def cents(net_vnd: int, qty: int) -> str:
    """What a piece costs before tax, to the hundredth of a đồng."""
    hundredths = (2 * abs(net_vnd) * CENT + abs(qty)) // (2 * abs(qty))
    whole, part = divmod(hundredths, CENT)
    return f"{whole}.{part:02d}" if part else str(whole)


def _put(into: Element, tag: str, value: object) -> None:
    SubElement(into, tag).text = str(value)
