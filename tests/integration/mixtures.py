# SPDX-License-Identifier: GPL-2.0-or-later
"""Mixtures by chance for check_attacks.py: a true connection as networks and captures disorder it,
and what forgers put into it. Each has its own port; a seed and its number make it again.

Honest ones must be told as if nothing had happened; where segments are lost, there may be silence,
but no false "complete".

What cannot be told from two honest connections is not among them: a whole forged one that is over
before the true server's flight comes, be it that nothing was seen before, or that a RST or FIN in
the right numbers came first; and one that comes when the true handshake is over. Nor are mixtures
of which casniff is known to tell too little: see mixable(), and where a wish is a weaker one.
"""
import random
from dataclasses import dataclass, replace

import segments as tcp
from attacks import (DOUBTED, FAR_AWAY_MIN, NO_MORE, PLAIN, QUIET, SIDES, TOLD, Connection, Form,
                     both_sides)
from segments import ACK, carrying, shifted

FIRST_PORT, PORTS = 20000, 40000
REST_US = 1_000_000  # between two mixtures: none is still waited for
NEAR = (64, 700, 1448, 2000, 70000, 500000)
OUTSIDE = 1 << 21  # just outside any window
SIZES = (1448, 700, 300)
REORDERED, REPEATED, LOST = 0.2, 0.15, 0.1  # of the segments


def mixtures(pcaps, seed, numbers):
    """Forms, each of another port."""
    true = Connection(tcp.read(pcaps / PLAIN))
    for number in numbers:
        yield Mixer(true, random.Random(f"{seed} {number}"), number).mixture()


def port_of(number):
    return FIRST_PORT + number % PORTS


@dataclass(frozen=True)
class Numbers:
    """Where a forger's first numbers lie, from the true ones."""
    client: int
    server: int


class Mixer:
    def __init__(self, recorded, chance, number):
        self.chance = chance
        self.number = number
        self.recipe = []
        self.is_data_early = False  # forged data, before the true flight
        size = chance.choice(SIZES)
        self.noted("pieces of", size)
        self.port = recorded.port
        moved = recorded.in_numbers(recorded.all, chance.randrange(2 ** 32),
                                    chance.randrange(2 ** 32))
        self.true = Connection([replace(piece, **self.ports(piece))
                                for segment in moved for piece in cut(segment, size)])

    def ports(self, segment):
        whose = "dest" if segment.source == self.port else "source"
        return {whose: port_of(self.number)}

    def noted(self, *words):
        self.recipe.append(" ".join(str(w) for w in words))

    def mixture(self):
        kind = self.chance.choice(KINDS)
        segments, lists, wish = kind(self)
        name = f"mixture {self.number}, {kind.__name__}: {', '.join(self.recipe)}"
        return Form(name, tcp.in_time(segments), lists, wish)

    # What networks do

    def disordered(self, segments):
        """Some are late, but not behind what acknowledges them; some come twice."""
        mixed = list(segments)
        for segment in segments:
            if not segment.payload:
                continue
            at = mixed.index(segment)
            if self.chance.random() < REORDERED:
                mixed.insert(self.last_place(mixed, at), segment)
                del mixed[at]
            elif self.chance.random() < REPEATED:
                mixed.insert(at + self.chance.randrange(1, 5), segment)
        self.noted("disordered")
        return tcp.in_time(mixed)

    def last_place(self, segments, at):
        """In front of what could not be if the segment came behind it."""
        segment = segments[at]
        is_late = 1
        for other in segments[at + 1:]:
            if other.source == segment.source:
                if other.flags & (tcp.SYN | tcp.FIN | tcp.RST):
                    break
            elif (other.ack - segment.end) % 2 ** 32 < 2 ** 31:
                break
            is_late += 1
        return at + is_late

    def maybe_disordered(self, segments):
        return self.disordered(segments) if self.chance.random() < 0.6 else segments

    def lossy(self, segments, never=()):
        self.noted("lossy")
        kept = [s for s in segments if is_one_of(s, never) or self.chance.random() >= LOST]
        return kept or segments

    # Nobody forges

    def alone(self):
        return self.disordered(self.true.all), [self.true.list], QUIET

    def answered_twice(self):
        """SYN cookies, or a SYN that was not the last."""
        segments = self.disordered(self.true.all)
        distance = self.far()
        what = self.chance.choice(("SYN/ACK before", "SYN/ACK behind", "SYN before", "pair before"))
        self.noted(what, distance)
        syn, syn_ack = self.true.syn, self.true.syn_ack
        if what == "SYN/ACK before":
            segments = tcp.before(segments, syn_ack, [shifted(syn_ack, distance, 0)])
        elif what == "SYN/ACK behind":
            segments = tcp.behind(segments, syn_ack, [shifted(syn_ack, distance, 0)])
        elif what == "SYN before":
            segments = tcp.before(segments, syn, [shifted(syn, distance, 0)])
        else:
            # It gave up the first attempt, and told so.
            client, server = self.true.pair(distance, self.far())
            reset = replace(client, seq=client.end, flags=tcp.RST, options=b"")
            segments = tcp.before(segments, syn, [client, server, reset])
        return segments, [self.true.list], QUIET

    def boxed(self):
        order = self.chance.choice(list(SIDES))
        distance = self.far()
        self.noted(order, distance)
        segments = self.maybe_disordered(self.true.all)
        return (both_sides(self.true, segments, distance, SIDES[order]), [self.true.list], QUIET)

    def used_twice(self):
        client, server = self.true.lengths()
        is_near = self.chance.random() < 0.5
        if is_near:
            client += self.chance.choice((1, *NEAR)) * self.chance.choice((1, 1, -1))
            server += self.chance.choice((1, *NEAR)) * self.chance.choice((1, 1, -1))
        else:
            client, server = self.far(), self.far()
        self.noted("numbers", client, server)
        later = self.true.again_later(client, server)
        first, second = self.maybe_disordered(self.true.all), self.maybe_disordered(later.all)
        if self.chance.random() < 0.3:
            self.noted("server only")
            # Of numbers so near, which data is whose is not known when it is out of order.
            first, second = (true.all if is_near else segments for true, segments in
                             ((self.true, first), (later, second)))
            first, second = ([s for s in segments if self.true.is_from_server(s)]
                             for segments in (first, second))
        return first + second, [self.true.list, later.list], QUIET

    def lost(self):
        kind = self.chance.choice((Mixer.alone, Mixer.answered_twice, Mixer.boxed,
                                   Mixer.used_twice))
        segments, lists, _ = kind(self)
        return self.lossy(segments), lists, NO_MORE

    # Somebody forges

    def forged_blindly(self):
        """No number is in reach of the true ones."""
        segments = self.forged([Numbers(self.far(), self.far()) for _ in range(2)])
        # Data that comes before any true one may make another connection of it.
        return segments, [self.true.list], TOLD if self.is_data_early else DOUBTED

    def forged_on_path(self):
        numbers = [Numbers(self.any_distance(), self.any_distance()) for _ in range(2)]
        return self.forged(numbers), [self.true.list], TOLD

    def forged_and_lossy(self):
        segments, lists, _ = self.chance.choice((Mixer.forged_blindly, Mixer.forged_on_path))(self)
        # Nobody knows what was lost if there is other data in its place, or whose number is true.
        kept = [self.true.syn_ack, *self.true.flight]
        return self.lossy(segments, kept), lists, NO_MORE

    def forged(self, numbers):
        segments = self.maybe_disordered(self.true.all)
        count = self.chance.choice((1, 1, 2, 2, 3, 4, 6))
        chosen = [self.chance.choice(list(FORGERIES)) for _ in range(count)]
        for what in mixable(chosen):
            segments = self.put(segments, what, self.chance.choice(numbers))
        return segments

    def put(self, segments, what, numbers):
        forged = FORGERIES[what](self, numbers)
        first, last = 1, len(segments) - 1
        if any(s.payload for s in forged):
            first = place_behind(segments, self.true.syn_ack)
            if what == WHOLE_AND_OVER:
                first = place_behind(segments, *self.true.flight)
            last = place_behind(segments, self.true.answers[-1]) - 1
        at = self.chance.randrange(first, last + 1)
        if any(s.payload for s in forged) and at < place_behind(segments, *self.true.flight):
            self.is_data_early = True
        self.noted(f"{what} at {at} ({numbers.client}, {numbers.server})")
        is_together = self.chance.random() < 0.5
        mixed = list(segments)
        for segment in forged:
            mixed.insert(at, replace(segment, time_us=mixed[at - 1].time_us))
            last += 1
            at = min(at + (1 if is_together else self.chance.randrange(1, 4)), last)
        return tcp.in_time(mixed)

    def in_numbers(self, segments, numbers):
        return self.true.in_numbers(segments, numbers.client, numbers.server)

    def far(self):
        return self.chance.choice((OUTSIDE, -OUTSIDE, self.chance.randrange(
            FAR_AWAY_MIN, 2 ** 32 - FAR_AWAY_MIN)))

    def any_distance(self):
        near = self.chance.choice(NEAR) * self.chance.choice((1, -1))
        return self.chance.choice((0, 0, near, self.far()))


def mixable(chosen):
    """WHOLE_AND_OVER alone, and no end beside WHOLE: else they count for themselves."""
    if WHOLE_AND_OVER in chosen:
        return [WHOLE_AND_OVER]
    return [what for what in chosen if WHOLE not in chosen or what != ENDING]


def place_behind(segments, *marks):
    """Behind the one that comes first, whenever that is."""
    return 1 + next(at for at, s in enumerate(segments) if is_one_of(s, marks))


def is_one_of(segment, others):
    return any(replace(other, time_us=segment.time_us) == segment for other in others)


def cut(segment, size):
    """In pieces of at most so many bytes."""
    if len(segment.payload) <= size:
        return [segment]
    return [replace(segment, seq=tcp.moved(segment.seq, at), payload=segment.payload[at:at + size])
            for at in range(0, len(segment.payload), size)]


# What is forged, in the order in which it is sent.

def opening(mixer, numbers):
    return mixer.true.pair(numbers.client, numbers.server)


def some_flight(mixer, numbers):
    flight = mixer.in_numbers(mixer.true.forged_flight(), numbers)
    count = mixer.chance.randrange(1, len(flight) + 1)
    return mixer.chance.sample(flight, count)


def text(mixer, numbers):
    segment = mixer.chance.choice((mixer.true.hello, mixer.true.flight[0]))
    length = mixer.chance.choice((1, 6, 100, 1448))
    return mixer.in_numbers([carrying(segment, (b"220 hi" * length)[:length])], numbers)


def byte(mixer, numbers):
    """A wrong one, somewhere in the hello or the flight."""
    segment = mixer.chance.choice((mixer.true.hello, *mixer.true.flight))
    at = mixer.chance.choice([at for at in (0, 1, 5, 9, 43) if at < len(segment.payload)])
    wrong = bytes([segment.payload[at] ^ 0xFF])
    return mixer.in_numbers([replace(segment, seq=tcp.moved(segment.seq, at), payload=wrong)],
                            numbers)


def end(mixer, numbers):
    base, flags = mixer.chance.choice((
        (mixer.true.ack, tcp.RST), (mixer.true.ack, tcp.FIN | ACK), (mixer.true.syn_ack, tcp.RST),
        (mixer.true.syn_ack, tcp.FIN | ACK)))
    last = (mixer.true.flight if mixer.true.is_from_server(base) else mixer.true.hellos)[-1]
    seq = mixer.chance.choice((base.end, last.end))
    return mixer.in_numbers([replace(base, seq=seq, flags=flags, options=b"")], numbers)


def byte_acknowledging(mixer, numbers):
    said = mixer.chance.choice((b"\x16", b"x", b"\x16\x03\x01"))
    return [carrying(shifted(mixer.true.hello, 0, numbers.server), said)]


ENDING, WHOLE, WHOLE_AND_OVER = "RST or FIN", "whole", "whole and over"

FORGERIES = {
    "SYN": lambda mixer, numbers: opening(mixer, numbers)[:1],
    "SYN/ACK": lambda mixer, numbers: opening(mixer, numbers)[1:],
    "SYN/ACK to the true SYN":
        lambda mixer, numbers: [shifted(mixer.true.syn_ack, numbers.server, 0)],
    "pair": opening,
    "hello": lambda mixer, numbers: mixer.in_numbers(mixer.true.hellos, numbers),
    "flight": lambda mixer, numbers: mixer.in_numbers(mixer.true.forged_flight(), numbers),
    "some of the flight": some_flight,
    "text": text,
    "byte": byte,
    "ACK": lambda mixer, numbers: mixer.in_numbers([mixer.true.ack], numbers),
    "byte that acknowledges": byte_acknowledging,
    ENDING: end,
    WHOLE: lambda mixer, numbers: mixer.true.whole(numbers.client, numbers.server),
    WHOLE_AND_OVER: lambda mixer, numbers: mixer.true.whole(numbers.client, numbers.server, True),
}

KINDS = (Mixer.alone, Mixer.answered_twice, Mixer.boxed, Mixer.used_twice, Mixer.lost,
         Mixer.forged_blindly, Mixer.forged_blindly, Mixer.forged_on_path, Mixer.forged_on_path,
         Mixer.forged_and_lossy)
