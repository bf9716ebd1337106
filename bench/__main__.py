"""`python -m bench [NAME …]`: run one benchmark, some, or all of them."""

import sys
from collections.abc import Callable, Mapping

from bench import (
    checkout,
    counting,
    figures,
    knowing,
    last_unit,
    latency,
    lookup,
    people,
    pricing,
    recommendations,
    running,
    scores,
    soak,
    sync_push,
    till,
    vitals,
    web_checkout,
    word,
)
from bench.report import Result, publish, say
from bench.stage import chosen

BENCHMARKS: Mapping[str, Callable[[], Result]] = {
    "checkout_cold_1": checkout.checkout_cold_1,
    "checkout_cold_32": checkout.checkout_cold_32,
    "checkout_hot_32": checkout.checkout_hot_32,
    "last_unit": last_unit.last_unit,
    "web_checkout": web_checkout.web_checkout,
    "count_post": counting.count_post,
    "event_latency": latency.event_latency,
    "dashboard": figures.dashboard,
    "price_cart": pricing.price_cart,
    "search_server": lookup.search_server,
    "search_customers": people.search_customers,
    "customer_360": knowing.customer_360,
    "segment_count": knowing.segment_count,
    "rfm_nightly": scores.rfm_nightly,
    "rfm_incremental": scores.rfm_incremental,
    "recommendations": recommendations.recommendations,
    "till_start": till.till_start,
    "till_search": till.till_search,
    "till_scan": till.till_scan,
    "soak": soak.soak,
    "shop_vitals": vitals.shop_vitals,
    "memory_rest": running.memory_rest,
    "start_warm": running.start_warm,
    "sync_push": sync_push.sync_push,
    "word": word.word,
}


def main() -> int:
    """Run what was asked for; one is returned when a target was missed."""
    missed = 0
    for name in chosen(sys.argv[1:], list(BENCHMARKS)):
        say(f"{name} …")
        result = BENCHMARKS[name]()
        publish(result)
        missed += not result.ok
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
