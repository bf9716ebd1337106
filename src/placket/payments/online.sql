-- Goods of an online order came back at a till, and its card is to be given the money: the provider is asked for it, by the worker,
-- under the key of the return (docs/rules/orders.md). Called by the posting desk in the sale's own transaction.
CREATE OR REPLACE FUNCTION ask_online_refunds(p_sales jsonb, p_outcomes text[]) RETURNS void
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    r record;
    p record;
    gone_vnd bigint; gone_minor bigint; back_vnd bigint;
BEGIN
    FOR r IN
        SELECT n.id, y.no, -y.amount_vnd AS vnd, s.sold_at, o.id AS payment_id
          FROM (SELECT DISTINCT m.ord, m.id FROM returns_of(p_sales) m WHERE p_outcomes[m.ord] = 'accepted') n
          JOIN sale s ON s.id = n.id
          JOIN payment y ON y.sale_id = n.id AND y.kind = 'card' AND y.amount_vnd < 0
         CROSS JOIN LATERAL (
               SELECT o.id FROM returns_of(p_sales) m
                 JOIN web_order_sale w ON w.sale_id = m.sale_id
                 JOIN online_payment o ON o.order_id = w.order_id AND o.state = 'received' AND o.method = 'card'
                WHERE m.ord = n.ord ORDER BY o.attempt LIMIT 1) o
         ORDER BY o.id, n.id, y.no
    LOOP
        SELECT * INTO p FROM online_payment WHERE id = r.payment_id FOR NO KEY UPDATE;
        SELECT coalesce(sum(b.amount_vnd), 0), coalesce(sum(b.amount_minor), 0) INTO gone_vnd, gone_minor
          FROM online_refund b WHERE b.payment_id = r.payment_id;
        back_vnd := least(r.vnd, p.amount_vnd - gone_vnd);
        CONTINUE WHEN back_vnd <= 0;
        INSERT INTO online_refund (id, payment_id, key, reason, state, amount_vnd, amount_minor, tries, requested_at)
        VALUES (gen_random_uuid(), r.payment_id, 'return-' || r.id || '-' || r.no, 'returned', 'requested', back_vnd,
                least(p.amount_minor, round(p.amount_minor * (gone_vnd + back_vnd)::numeric / p.amount_vnd)::bigint) - gone_minor,
                1, r.sold_at)
        ON CONFLICT (key) DO NOTHING;
        UPDATE payment SET reference = 'ONLINE' WHERE sale_id = r.id AND no = r.no;
    END LOOP;
END
$$;
