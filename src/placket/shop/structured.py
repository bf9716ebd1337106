"""Structured data (schema.org) of the pages: what search engines may show of goods, stores and the house."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from placket.shop.house import House
from placket.shop.queries import Branch
from placket.shop.shapes import ShopStyle, ShopVariant

Data = Mapping[str, Any]
CONTEXT: Final = "https://schema.org"
STOCK: Final = {
    "in": f"{CONTEXT}/InStock",
    "few": f"{CONTEXT}/LimitedAvailability",
    "out": f"{CONTEXT}/OutOfStock",
}
DAYS: Final = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}


def of_house(house: House, base: str, search_path: str) -> list[Data]:
    """The company, and that its site can be searched."""
    seek = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{base}{search_path}?q={{words}}"},
        "query-input": "required name=words",
    }
    firm = {"@type": "Organization", "name": house.name, "url": f"{base}/", "telephone": house.phone}
    return [
        {"@context": CONTEXT, "@type": "WebSite", "name": house.name, "url": f"{base}/", "potentialAction": seek},
        {"@context": CONTEXT} | {key: value for key, value in firm.items() if value is not None},
    ]


def of_list(home: str, heading: str, path: str, base: str) -> list[Data]:
    """Where a list stands in the shop."""
    return [{"@context": CONTEXT, **_crumbs([(home, f"{base}/"), (heading, f"{base}{path}")])}]


def of_product(style: ShopStyle, name: str, kind: str, brand: str, base: str, language: str) -> list[Data]:
    """A style with an offer for every variant; prices are those of this moment, VAT included."""
    path = style.path_en if language == "en" else style.path_vi
    pictures = [f"{base}/media/{each.address}" for each in style.pictures]
    whole = {
        "@context": CONTEXT,
        "@type": "ProductGroup",
        "name": name,
        "description": style.description_vi or name,
        "productGroupID": style.code,
        "url": f"{base}{path}",
        "image": pictures,
        "brand": {"@type": "Brand", "name": brand},
        "category": kind,
        "variesBy": [f"{CONTEXT}/color", f"{CONTEXT}/size"],
        "hasVariant": [_variant(style, each, name, base, path, language) for each in style.variants],
    }
    if style.material:
        whole["material"] = style.material
    crumbs = _crumbs([(brand, f"{base}/"), (kind, f"{base}/c/{style.category}"), (name, f"{base}{path}")])
    return [whole, {"@context": CONTEXT, **crumbs}]


def of_stores(branches: Sequence[Branch], brand: str) -> list[Data]:
    """Every branch with its address and hours."""
    return [
        {
            "@context": CONTEXT,
            "@type": "ClothingStore",
            "name": f"{brand} {branch.name}",
            "telephone": branch.phone,
            "address": {
                "@type": "PostalAddress",
                "streetAddress": branch.address,
                "addressLocality": branch.city,
                "addressCountry": "VN",
            },
            "openingHoursSpecification": [
                {
                    "@type": "OpeningHoursSpecification",
                    "dayOfWeek": DAYS[day],
                    "opens": period.split("-")[0],
                    "closes": period.split("-")[1],
                }
                for day, period in branch.opening_hours.items()
            ],
        }
        for branch in branches
    ]


def _variant(style: ShopStyle, variant: ShopVariant, name: str, base: str, path: str, language: str) -> Data:
    swatch = next(each for each in style.swatches if each.code == variant.colour)
    colour = swatch.name_en if language == "en" else swatch.name_vi
    made: dict[str, Any] = {
        "@type": "Product",
        "sku": variant.sku,
        "name": f"{name}, {colour}, {variant.size}",
        "color": colour,
        "size": variant.size,
        "offers": {
            "@type": "Offer",
            "price": variant.price_vnd,
            "priceCurrency": "VND",
            "availability": STOCK[variant.stock],
            "itemCondition": f"{CONTEXT}/NewCondition",
            "url": f"{base}{path}?colour={variant.colour}",
        },
    }
    if swatch.picture:
        made["image"] = f"{base}/media/{swatch.picture}"
    return made


def _crumbs(path: Sequence[tuple[str, str]]) -> Data:
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": number, "name": name, "item": address}
            for number, (name, address) in enumerate(path, 1)
        ],
    }
