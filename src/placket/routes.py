"""Every router of the product, and who may call each of their routes.

A composition root, beside ``placket.app`` which serves them.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from placket import identity
from placket.analytics import api as analytics_api
from placket.analytics import pack_api, table_api
from placket.campaigns import campaign_api
from placket.carriers import hook_api as carrier_hook_api
from placket.catalog import api as catalog_api
from placket.catalog import style_api, terms_api
from placket.crm import api as crm_api
from placket.crm import loyalty_api, merge_api, privacy_api, score_api, segment_api
from placket.crm import till_api as crm_till_api
from placket.einvoices import api as einvoices_api
from placket.einvoices import buyer_page
from placket.einvoices import till_api as einvoices_till_api
from placket.identity import api as identity_api
from placket.identity import approval_api, staff_api, till_api
from placket.imports import api as imports_api
from placket.inventory import (
    adjustment_api,
    count_api,
    hold_api,
    location_api,
    matter_api,
    promise_api,
    supply_api,
    transfer_api,
)
from placket.inventory import api as inventory_api
from placket.operations import api as operations_api
from placket.operations import health_api
from placket.payments import api as payments_api
from placket.payments import hook_api, office_api, online_hook_api, settlement_api
from placket.pos import api as pos_api
from placket.pos import counter_api, counter_office_api, device_api, print_api, quarantine_api, shift_api, sync_api
from placket.promotions import api as promotions_api
from placket.promotions import voucher_api
from placket.realtime import api as realtime_api
from placket.sales import api as sales_api
from placket.sales import (
    courier_api,
    customer_api,
    order_office_api,
    order_task_api,
    quote_api,
    receipt_page,
    return_api,
    return_terms_api,
    selling_api,
    trial_api,
)
from placket.shop import (
    account_api,
    browse_api,
    checkout_api,
    order_api,
    pages,
    points_api,
    push_api,
    send_back_api,
    site_files,
)
from placket.verify import api as verify_api

# Every router of the product; a new one is added here and nowhere else.
ROUTERS = (
    health_api.router,
    identity_api.router,
    staff_api.router,
    till_api.router,
    approval_api.router,
    inventory_api.router,
    location_api.router,
    device_api.router,
    matter_api.router,
    hold_api.router,
    promise_api.router,
    transfer_api.router,
    count_api.router,
    adjustment_api.router,
    supply_api.router,
    pos_api.router,
    sync_api.router,
    quarantine_api.router,
    counter_api.router,
    counter_office_api.router,
    print_api.router,
    shift_api.router,
    shift_api.office,
    payments_api.router,
    hook_api.router,
    online_hook_api.router,
    carrier_hook_api.router,
    office_api.router,
    settlement_api.router,
    crm_api.router,
    crm_till_api.router,
    *loyalty_api.ROUTERS,
    *merge_api.ROUTERS,
    *privacy_api.ROUTERS,
    score_api.router,
    segment_api.router,
    customer_api.router,
    quote_api.router,
    trial_api.router,
    selling_api.router,
    sales_api.router,
    return_api.router,
    return_terms_api.router,
    order_task_api.router,
    courier_api.router,
    order_office_api.router,
    receipt_page.router,
    einvoices_api.router,
    buyer_page.router,
    einvoices_till_api.router,
    catalog_api.router,
    style_api.router,
    terms_api.router,
    promotions_api.router,
    voucher_api.router,
    *campaign_api.ROUTERS,
    imports_api.router,
    realtime_api.router,
    analytics_api.router,
    table_api.router,
    pack_api.router,
    verify_api.router,
    operations_api.router,
    browse_api.router,
    account_api.router,
    points_api.router,
    push_api.router,
    send_back_api.router,
    checkout_api.router,
    order_api.router,
    site_files.router,
    pages.router,
)

SECURITY: Mapping[str, list[dict[str, list[str]]]] = {
    "public": [],
    "till": [{"till": []}],
    "bridge": [{"bridge": []}],
    "shopper": [{"shopper": []}, {"shopper_cookie": []}],
}
SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"cookie": []}]
SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Session of somebody signed in at a till."},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": identity.COOKIE,
        "description": "Session of the office; changes also carry the header `x-placket: 1`.",
    },
    "till": {"type": "http", "scheme": "bearer", "description": "Token of a paired till."},
    "bridge": {"type": "http", "scheme": "bearer", "description": "Key of a branch's print bridge."},
    "shopper": {"type": "http", "scheme": "bearer", "description": "Session of a shopper in an app."},
    "shopper_cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": account_api.COOKIE,
        "description": "Session of a shopper in a browser; changes also carry the header `x-placket: 1`.",
    },
}


def declared() -> Iterator[APIRoute]:
    """Every route of every router, in the order in which they are asked."""
    for router in ROUTERS:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def permissions() -> Iterator[tuple[str, str, str]]:
    """Method, path and permission of every route: a verb, ``signed_in``, ``till``, ``bridge`` or ``public``."""
    for route in declared():
        for method in sorted(route.methods or ()):
            yield method, route.path, _permission(route)


def _permission(route: APIRoute) -> str:
    declared = (route.openapi_extra or {}).get("x-permission") or _permit(route.dependant)
    assert declared, f"{route.path} declares no permission"
    return str(declared)


def _permit(dependant: Dependant) -> str | None:
    if isinstance(dependant.call, identity.Permit):
        return dependant.call.verb or "signed_in"
    return next(filter(None, map(_permit, dependant.dependencies)), None)


class Application(FastAPI):
    """An application whose contract names the permission of each operation, and how a caller proves to have it."""

    def openapi(self) -> dict[str, Any]:
        """The contract, as ``contracts/openapi.json`` keeps it."""
        document = super().openapi()
        document["components"]["securitySchemes"] = SCHEMES
        for method, path, permission in permissions():
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                operation["x-permission"] = permission
                operation["security"] = SECURITY.get(permission, SIGNED_IN)
        return document
