"""The protocol as ordinary objects, with quantities, on a network that loses, repeats, delays and reorders.

`Server` methods are one database transaction each. `Till` attributes are its durable store. Two branches with two tills,
one depot, two variants. Port this file against the real HTTP API: the invariants in World.check stay the same.
"""
import random

VARIANTS, BRANCHES, DEPOT = ('V1', 'V2'), (0, 1), 2
OWED, ON_FLOOR = ('confirmed', 'picked', 'undoing'), ('confirmed',)       # undoing: its bag must be scanned back first


class Till:
    def __init__(self, name, branch):
        self.name, self.branch, self.epoch, self.opening = name, branch, 1, 0
        self.fresh()

    def fresh(self):
        self.journal, self.board, self.number = [], {}, -1     # board: promise -> (variant, qty, phase)
        self.open = self.awaiting = self.receipt = 0
        self.attempt = None                                    # the one sale whose answer is still unknown

    def write(self, kind, **body):
        self.journal.append(dict(kind=kind, seq=len(self.journal) + 1, **body))

    def owed(self, v):
        return sum(q for pv, q, phase in self.board.values() if pv == v and phase in ON_FLOOR)

    def light(self, v):
        if not self.open:
            return 'blind'
        if any(pv == v and phase == 'asked' for pv, q, phase in self.board.values()):
            return 'locked'
        return 'amber' if self.owed(v) else 'green'

    def on(self, m):
        """A message from the server; returns the answers."""
        if m['kind'] == 'attached' and m['opening'] == self.awaiting:
            self.open, self.awaiting, self.number, self.board = m['opening'], 0, m['number'], m['board']
        elif m['kind'] == 'board' and m['opening'] == self.open and not self.awaiting:
            if m['number'] > self.number:
                self.number, self.board = m['number'], m['board']
        else:
            return []
        return [dict(kind='word', till=self.name, opening=self.open, number=self.number, head=len(self.journal), epoch=self.epoch)]


class Server:
    def __init__(self, stock, tills, mutant):
        self.books, self.opening_books, self.mutant = dict(stock), dict(stock), mutant
        self.tills = {t.name: dict(branch=t.branch, epoch=1, attached=0, last=0) for t in tills}
        self.doubt, self.promises, self.number = set(), {}, {b: 0 for b in BRANCHES}
        self.posted, self.entries, self.sales, self.ledger = {}, {}, {}, []
        self.quarantine, self.counted, self.out = [], set(), []
        self.moved = 0

    # ---- stock and promises
    def owed(self, b, v, phases=OWED):
        return sum(p['q'] for p in self.promises.values() if p['place'] == b and p['v'] == v and p['phase'] in phases)

    def change(self, b, v, q, why):
        self.books[b, v] += q
        self.ledger.append((b, v, q, why))

    def free(self, b, v):
        return 0 if (b, v) in self.doubt else self.books[b, v] - self.owed(b, v, OWED + ('asked',))

    def send_board(self, b):
        for name, t in self.tills.items():
            if t['branch'] == b and t['attached']:
                self.out.append((name, dict(kind='board', opening=t['attached'], number=self.number[b], board=self.snapshot(b))))

    def snapshot(self, b):
        return {o: (p['v'], p['q'], p['phase']) for o, p in self.promises.items() if p['place'] == b and p['phase'] in OWED + ('asked',)}

    def set(self, o, phase, place=None):
        p = self.promises[o]
        old = p['place']
        p.update(phase=phase, place=old if place is None else place, words={})
        for b in {old, p['place']} & set(BRANCHES):
            self.number[b] += 1
            self.send_board(b)
        p['since'] = self.number.get(p['place'], 0)

    def ask(self, o, v, q):
        for b in (0, 1, DEPOT):
            if self.free(b, v) >= q:
                self.promises[o] = dict(v=v, q=q, place=b, phase='new', words={}, since=0)
                self.set(o, 'confirmed' if b == DEPOT else 'asked')
                return self.settle(o)

    def settle(self, o):
        """Confirm a promise as soon as every till attached now has given its word, drained."""
        p = self.promises[o]
        if p['phase'] != 'asked':
            return
        for name, t in self.tills.items():
            if t['branch'] == p['place'] and t['attached']:
                opening, head = p['words'].get(name, (0, 0))
                if self.mutant == 'ONE_WORD' and p['words']:
                    continue
                if opening != t['attached'] or head > self.posted.get((name, t['epoch']), 0):
                    return
        if (self.books[p['place'], p['v']] - self.owed(p['place'], p['v']) >= p['q'] and (p['place'], p['v']) not in self.doubt) or self.mutant == 'NO_RECHECK':
            self.set(o, 'confirmed')
        else:
            self.set(o, 'declined')

    def settle_all(self):
        for o in list(self.promises):
            self.settle(o)

    def not_found(self, o):
        p = self.promises[o]
        self.doubt.add((p['place'], p['v']))
        self.moved += 1
        if p['place'] != DEPOT and self.free(DEPOT, p['v']) >= p['q']:
            self.set(o, 'confirmed', DEPOT)
        else:
            self.set(o, 'refunded')

    # ---- messages of tills
    def on(self, m):
        t = self.tills[m['till']]
        if m['kind'] == 'push':
            for e in m['entries']:
                self.entry(m['till'], m['epoch'], e)
        elif m['epoch'] != t['epoch']:
            return
        elif m['kind'] == 'attach':
            if m['opening'] > t['last'] and self.posted.get((m['till'], m['epoch']), 0) >= m['head']:
                t.update(attached=m['opening'], last=m['opening'])
            if m['opening'] == t['attached']:
                self.out.append((m['till'], dict(kind='attached', opening=m['opening'], number=self.number[t['branch']], board=self.snapshot(t['branch']))))
        elif m['kind'] == 'word':
            for p in self.promises.values():
                if p['place'] == t['branch'] and p['phase'] == 'asked' and m['number'] >= p['since']:
                    p['words'].setdefault(m['till'], (m['opening'], 0 if self.mutant == 'WORD_NOT_DRAINED' else m['head']))
                    if p['words'][m['till']][0] < m['opening']:
                        p['words'][m['till']] = (m['opening'], m['head'])
        elif m['kind'] == 'sale':                              # online: one row-locked transaction
            b = t['branch']
            ok = m['id'] not in self.sales and t['attached'] == m['opening']
            ok = ok and self.books[b, m['v']] - self.owed(b, m['v']) >= m['q']
            ok = ok and (self.owed(b, m['v'], ON_FLOOR) <= m['looked_for'] or self.mutant == 'CONNECTED_BY_BOOKS')
            if ok:
                self.sales[m['id']] = 'posted'
                self.change(b, m['v'], -m['q'], m['id'])
        self.settle_all()

    def entry(self, name, epoch, e):
        done = self.posted.get((name, epoch), 0)
        if self.mutant == 'GAPS' and e['seq'] > done:
            done = e['seq'] - 1
        if e['seq'] != done + 1:                               # already posted, or a hole before it
            return
        self.posted[name, epoch] = e['seq']
        if e.get('poison'):
            self.quarantine.append((name, epoch, e))
            if self.mutant != 'QUARANTINE_TRUSTED':
                self.doubt.add((self.tills[name]['branch'], e['v']))
        else:
            self.apply(name, epoch, e)

    def apply(self, name, epoch, e):
        t = self.tills[name]
        b, dead = t['branch'], epoch != t['epoch']
        absorbed = (name, epoch, e.get('v')) in self.counted
        if e['kind'] == 'CLOSE':
            if not dead and t['attached'] == e['opening']:
                t['attached'] = 0
        elif e['kind'] == 'SALE':
            if self.sales.get(e['id']) != 'posted' or self.mutant == 'NO_DEDUPE':
                self.sales[e['id']] = 'posted'
                if not absorbed:
                    self.change(b, e['v'], -e['q'], e['id'])
        elif e['kind'] == 'VOID':
            if self.sales.get(e['id']) == 'posted' and not absorbed:
                self.change(b, e['v'], e['q'], e['id'])
            if self.mutant != 'NO_TOMBSTONE':
                self.sales[e['id']] = 'void'
        elif e['kind'] == 'RETURN' and not absorbed:
            self.change(b, e['v'], e['q'], 'return')
        elif e['kind'] == 'HANDOVER':
            p = self.promises[e['promise']]
            assert p['phase'] in OWED and p['place'] == b, 'HANDED OVER AND UNDONE'
            self.change(b, p['v'], -p['q'], e['promise'])
            self.set(e['promise'], 'fulfilled')

    def declare_lost(self, name):
        t = self.tills[name]
        t.update(epoch=t['epoch'] + 1, attached=0)
        if self.mutant != 'LOST_IS_CLOSED':
            self.doubt |= {(t['branch'], v) for v in VARIANTS}
        self.settle_all()

    def count(self, b, v, pieces):
        self.change(b, v, pieces - self.books[b, v], 'count')
        self.doubt.discard((b, v))
        self.counted |= {(n, ep, v) for n, t in self.tills.items() if t['branch'] == b for ep in range(1, t['epoch'])}


class World:
    def __init__(self, draw, mutant='', exceptions=True):
        self.draw, self.exceptional = draw, exceptions
        self.tills = [Till(f'T{i}', i // 2) for i in range(4)]
        self.floor = {(b, v): 1 + draw(3) for b in (0, 1, DEPOT) for v in VARIANTS}
        self.server = Server(self.floor, self.tills, mutant)
        self.net, self.bags, self.wrong = [], {}, {k: 0 for k in self.floor}
        self.n, self.left, self.lost, self.tails, self.done, self.trace = 0, {}, set(), [], {}, []
        for t in self.tills:                                   # the day begins with every till attached
            t.opening = t.awaiting = 1
            self.server.on(dict(kind='attach', till=t.name, epoch=1, opening=1, head=0))
        self.talk()

    def send(self, **m):
        self.net.append(('S', m))

    def deliver(self):
        if not self.net:
            return
        i = self.draw(len(self.net))
        to, m = self.net[i]
        if self.draw(4):                                       # one in four stays and will be delivered again
            self.net.pop(i)
        if to == 'S':
            self.server.on(m)
        else:
            till = self.tills[int(to[1])]
            self.net += [('S', w) for w in till.on(m)]
        self.flush()
        self.trace.append(f'{to} receives {m}')

    def talk(self):
        """A moment of perfect network: every server message is received and answered."""
        while self.server.out:
            to, m = self.server.out.pop(0)
            for word in self.tills[int(to[1])].on(m):
                self.server.on(word)

    def flush(self):
        self.net += self.server.out
        self.server.out = []

    def exception(self, t, v, q):
        self.wrong[t.branch, v] += q
        return True

    def may_sell(self, t, v, q):
        """The cashier decides with the light of this moment; the pieces are already in hand, not on the floor any more."""
        light = t.light(v)
        if light == 'green' or (light == 'amber' and self.floor[t.branch, v] >= t.owed(v)):
            return True
        return self.exceptional and not self.draw(4) and self.exception(t, v, q)    # blind, dishonoured amber or override

    def finish_attempt(self, t, sell):
        sid, v, q = t.attempt
        t.attempt = None
        t.receipt += 1
        if sell:
            t.write('SALE', id=sid, v=v, q=q, receipt=t.receipt, poison=not self.draw(25))
            self.left[sid] = (t.name, t.epoch, v, q)
        else:
            t.write('VOID', id=sid, v=v, q=q, receipt=t.receipt)
            self.floor[t.branch, v] += q

    def step(self):
        s, t, v, act = self.server, self.tills[self.draw(4)], VARIANTS[self.draw(2)], self.draw(30)
        b, q = t.branch, 1 + self.draw(2)
        log = lambda what: self.trace.append(f'{t.name} {what}')
        if act < 11:
            self.deliver()
        elif act < 14:
            start = max(0, s.posted.get((t.name, t.epoch), 0) - self.draw(2))
            entries = t.journal[start:]
            for part in ([entries] if self.draw(2) else [[e] for e in entries]):
                self.send(kind='push', till=t.name, epoch=t.epoch, entries=part)
            log('pushes')
        elif act < 18:
            if t.attempt:                                      # answer known, timeout, or the customer changes his mind
                sid, v, q = t.attempt
                if s.sales.get(sid) == 'posted' and self.draw(2):
                    self.finish_attempt(t, True)
                else:
                    self.finish_attempt(t, self.draw(3) > 0 and self.may_sell(t, v, q))
                log(f'ends {sid}')
            elif q <= self.floor[b, v]:
                self.n += 1
                self.floor[b, v] -= q
                t.attempt = (f's{self.n}', v, q)
                looked_for = t.owed(v) if self.floor[b, v] >= t.owed(v) else 0
                if t.open:
                    self.send(kind='sale', till=t.name, epoch=t.epoch, opening=t.open, id=f's{self.n}', v=v, q=q, looked_for=looked_for)
                log(f'begins s{self.n} {v} x{q} {t.light(v)}')
        elif act == 18:
            if t.open and self.draw(4) == 0 and not t.attempt:
                t.write('CLOSE', opening=t.open)
                t.open = 0
                log('signs off')
            elif not t.open:
                if not t.awaiting:
                    t.opening += 1
                t.awaiting = t.opening
                self.send(kind='attach', till=t.name, epoch=t.epoch, opening=t.opening, head=len(t.journal))
                log('opens')
        elif act == 19 and self.draw(3) == 0:
            t.write('RETURN', v=v, q=1)
            self.floor[b, v] += 1
        elif act in (20, 21):
            self.n += 1
            s.ask(f'o{self.n}', v, q)
        elif act == 22 and s.promises:
            self.promise_step(*list(s.promises.items())[self.draw(len(s.promises))])
        elif act == 23:
            s.send_board(b)
        elif act == 24 and self.draw(12) == 0:
            tail = t.journal[s.posted.get((t.name, t.epoch), 0):]
            self.tails.append((t.name, t.epoch, t.journal))
            self.lost |= {e['id'] for e in tail if e['kind'] == 'SALE'}
            if t.attempt and s.sales.get(t.attempt[0]) != 'posted':           # the unfinished sale was never accepted: the goods stay
                self.floor[b, t.attempt[1]] += t.attempt[2]
            elif t.attempt:
                self.left[t.attempt[0]] = (t.name, t.epoch, *t.attempt[1:])
            t.epoch += 1
            t.fresh()
            s.declare_lost(t.name)
            log('is LOST')
        elif act == 25 and self.tails:
            name, epoch, journal = self.tails[self.draw(len(self.tails))]
            self.send(kind='push', till=name, epoch=epoch, entries=journal)
        elif act == 26:
            if self.draw(2):
                self.net = [x for x in self.net if self.draw(2)]          # burst loss, server restart
            elif s.quarantine:
                s.apply(*s.quarantine.pop(self.draw(len(s.quarantine))))
        elif act == 27 and self.draw(4) == 0:
            self.count(b, v)
        elif act == 28 and t.open:
            for o, p in list(t.board.items()):
                if p[2] == 'picked' and o in self.bags and o in self.done and self.done[o] == 'collect':
                    self.bags.pop(o)
                    t.write('HANDOVER', promise=o, v=p[0])
                    log(f'hands over {o}')
                    break
        elif act == 29 and self.exceptional and not self.draw(15) and self.floor[b, v]:
            self.floor[b, v] -= 1
            self.exception(t, v, 1)
            log(f'theft {v}')
        self.flush()
        self.check()

    def promise_step(self, o, p):
        s, key = self.server, (p['place'], p['v'])
        kind = self.done.setdefault(o, ('ship', 'collect')[self.draw(2)])
        if p['phase'] == 'asked' and self.draw(2):
            s.set(o, 'declined')
        elif p['phase'] == 'confirmed':
            if self.floor[key] >= p['q']:
                self.floor[key] -= p['q']
                self.bags[o] = (*key, p['q'])
                s.set(o, 'picked')
            elif not self.in_hand().get(key):                  # a piece in a customer's hands is not "not found": look again later
                s.not_found(o)
        elif p['phase'] == 'picked' and o in self.bags:
            if self.draw(3):
                self.bags.pop(o)
                s.change(*key, -p['q'], o)
                s.set(o, 'fulfilled')
            elif kind == 'collect' and p['place'] != DEPOT:
                s.set(o, 'undoing')
            else:
                s.set(o, 'refunded')
        elif p['phase'] == 'undoing' and o in self.bags:
            s.set(o, 'refunded')
        self.unbag()

    def in_hand(self):
        hand = {}
        for t in self.tills:
            if t.attempt:
                hand[t.branch, t.attempt[1]] = hand.get((t.branch, t.attempt[1]), 0) + t.attempt[2]
        return hand

    def unbag(self):
        for o, (b, v, q) in list(self.bags.items()):           # bags of undone promises go back to the floor
            if self.server.promises[o]['phase'] == 'refunded':
                self.floor[b, v] += q
                self.bags.pop(o)

    def drained(self, b):
        s = self.server
        return all(s.posted.get((t.name, t.epoch), 0) == len(t.journal) and not t.attempt for t in self.tills if t.branch == b) \
            and not any(s.tills[n]['branch'] == b for n, ep, e in s.quarantine)

    def count(self, b, v):
        self.unbag()
        if self.drained(b):
            self.server.count(b, v, self.floor[b, v] + sum(q for bb, vv, q in self.bags.values() if (bb, vv) == (b, v)))

    # ---- invariants
    def check(self):
        s = self.server
        self.unbag()
        hand = self.in_hand()
        for k in self.floor:
            owed = sum(p['q'] for o, p in s.promises.items() if (p['place'], p['v']) == k and p['phase'] in ON_FLOOR
                       and o not in self.bags and not self.handed(o))
            assert self.floor[k] + hand.get(k, 0) + self.wrong[k] >= owed, f'OVERSELL {k}: owed {owed}, floor {self.floor[k]}, exceptions {self.wrong[k]}'
            assert s.books[k] == s.opening_books[k] + sum(x[2] for x in s.ledger if x[:2] == k), 'BOOKS'
        assert s.moved <= sum(self.wrong.values()), f'{s.moved} promises moved, {sum(self.wrong.values())} exceptions'

    def handed(self, o):
        return any(e['kind'] == 'HANDOVER' and e['promise'] == o for t in self.tills for e in t.journal) or \
            any(e['kind'] == 'HANDOVER' and e['promise'] == o for _, _, j in self.tails for e in j)

    def finish(self):
        s = self.server
        late = [m for to, m in self.net if to == 'S' and self.draw(2)]
        for t in self.tills:
            if t.attempt:
                self.finish_attempt(t, s.sales.get(t.attempt[0]) == 'posted')
            s.on(dict(kind='push', till=t.name, epoch=t.epoch, entries=t.journal))
        for name, epoch, journal in self.tails:
            s.on(dict(kind='push', till=name, epoch=epoch, entries=journal))
        while s.quarantine:
            s.apply(*s.quarantine.pop())
        for m in late:                                         # stragglers from hours ago
            s.on(m)
        for t in self.tills:
            t.opening += 1
            s.on(dict(kind='attach', till=t.name, epoch=t.epoch, opening=t.opening, head=len(t.journal)))
            t.awaiting, s.out = t.opening, [x for x in s.out if x[0] != t.name or x[1].get('opening') == t.opening]
        self.talk()
        self.unbag()
        for k in self.floor:
            if any(n for n, ep, j in self.tails if s.tills[n]['branch'] == k[0]) or any(self.wrong.values()):
                if k[0] != DEPOT:
                    self.count(*k)
        for _ in range(4):  # not found, to the depot, into its bag, scanned back, gone
            for o, p in list(s.promises.items()):
                if p['phase'] in ('confirmed', 'picked', 'undoing'):
                    self.promise_step(o, p)
                s.settle(o)
        self.talk()
        self.check()
        for sid, (name, epoch, v, q) in self.left.items():
            assert s.sales.get(sid) == 'posted' or sid in self.lost, f'LOST SALE {sid}'
        for k in self.floor:
            bags = sum(q for bb, vv, q in self.bags.values() if (bb, vv) == k)
            assert s.books[k] == self.floor[k] + bags or k in s.doubt, f'BOOKS {s.books[k]} SHELF {self.floor[k] + bags} {k}'
        assert not any(p['phase'] in ('asked', 'undoing') for p in s.promises.values()), 'A PROMISE HANGS'
        for t in self.tills:
            numbers = [e['receipt'] for e in t.journal if e['kind'] in ('SALE', 'VOID')]
            assert numbers == list(range(1, len(numbers) + 1)), 'RECEIPT GAP'


def simulate(runs, mutant='', exceptions=True, steps=220, seed=0):
    """Returns (totals, None) or (totals, (seed, failure, trace))."""
    totals = dict(runs=0, sales=0, promises=0, kept=0, moved=0, exceptions=0, lost_tills=0)
    for i in range(seed, seed + runs):
        world = World(random.Random(i).randrange, mutant, exceptions)
        try:
            for _ in range(steps):
                world.step()
            world.finish()
        except AssertionError as failure:
            return totals, (i, str(failure), world.trace)
        s = world.server
        for key, n in dict(runs=1, sales=len(world.left), promises=len(s.promises), moved=s.moved, lost_tills=len(world.tails),
                           kept=sum(p['phase'] in ('fulfilled', 'picked') for p in s.promises.values()), exceptions=sum(world.wrong.values())).items():
            totals[key] += n
    return totals, None
