-- The board of a branch: its open promises, whole, as tills keep it (docs/rules/offline.md). One writer for every way a board
-- travels: with attaching, with a heartbeat, as an event of whoever changes a promise, the posting desk included.

CREATE OR REPLACE FUNCTION board_entry(p promise) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', p.id, 'ref', p.ref, 'kind', p.kind, 'variant_id', p.variant_id, 'qty', p.qty, 'phase', p.phase,
                              'code', p.code, 'bag_code', p.bag_code, 'paid', p.paid, 'pay_by', p.pay_by,
                              'created_at', p.created_at, 'held_for', p.held_for, 'phone_tail', right(p.held_phone, 4),
                              'customer_id', p.customer_id, 'asked_from', p.asked_from, 'search_at', p.search_at)
$$;

CREATE OR REPLACE FUNCTION board_of(p_location uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(board_entry(p) ORDER BY p.created_at, p.id), '[]')
      FROM promise p
     WHERE p.location_id = p_location AND p.phase IN ('asked', 'confirmed', 'bagged', 'to_scan_back')
$$;

-- Publishes changed promises, also to the branch that asked for them, and, at a branch, its next board. The caller holds the lock of the location.
CREATE OR REPLACE FUNCTION tell_promises(p_location uuid, p_promises uuid[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    place record;
BEGIN
    INSERT INTO event (topic, key, key_version, location_id, payload)
    SELECT 'promise.changed', p.id::text, p.version, hearer.id, board_entry(p) || jsonb_build_object('location_id', p.location_id)
      FROM promise p
     CROSS JOIN LATERAL (SELECT DISTINCT unnest(ARRAY[p.location_id, coalesce(p.asked_from, p.location_id)]) AS id) hearer
     WHERE p.id = ANY(p_promises) ORDER BY p.id, hearer.id;
    UPDATE location SET board_no = board_no + 1 WHERE id = p_location AND kind = 'branch'
    RETURNING id, incarnation, board_no INTO place;
    IF place.id IS NOT NULL THEN
        INSERT INTO event (topic, key, key_version, location_id, payload)
        VALUES ('board.changed', place.id::text, place.board_no, place.id,
                jsonb_build_object('location_id', place.id, 'incarnation', place.incarnation, 'board_no', place.board_no,
                                   'board', board_of(place.id)));
    END IF;
END
$$;
