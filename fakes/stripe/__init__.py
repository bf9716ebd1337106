"""A stand-in for Stripe: a small server that keeps what it is told and behaves as Stripe does. No money moves anywhere.

It speaks to the official SDK: sessions with a hosted card page and a 3-D Secure page that say SIMULATOR, idempotency keys
with a check of their parameters, declines, refunds that succeed or fail later, disputes, signed webhooks that are retried,
doubled, reordered or delayed on demand.
"""
