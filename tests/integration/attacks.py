# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures of check_attacks.py: true handshakes, and what a forger on the path puts into them.

"Ahead" and "back" is where the forger's first number lies, seen from the true one. A forged flight
is the server's with another country in one CA's name, in as many bytes. A blind forger knows the
ports, but none of the numbers.
"""
import hashlib
import itertools
import random
from dataclasses import dataclass, replace

import segments as tcp
from segments import ACK, before, behind, carrying, shifted, without
from wire import attributes_of, element, requests_in

PLAIN, STARTTLS = "few-cas.pcap", "starttls.pcap"
RENEWED = "renegotiation.pcap", "renegotiation-later.pcap"

FAR = {"ahead": 0x30000000, "back": -0x30000000}  # outside any window
CLOSE = {"near ahead": 70000, "near back": -70000}
FAR_AWAY_MIN = 1 << 24
# Distances of the client's and of the server's first number.
NUMBERS = {"far ahead": (0x18000000, 0x30000000), "far back": (-0x18000000, -0x30000000),
           "near ahead": (1448, 70000), "near back": (-1448, -70000)}
LATER_US = 10_000_000  # a second connection of the same ports

# What a form must bring, besides no false "complete".
TOLD = "something is told"
SHOWN = "the true list is shown, complete or ambiguous"
FOUND = "every true list is complete, and no other list is told"
QUIET = "every true list is complete, no other list, no anomaly"
NEVER_COMPLETE = "no list is complete"
DOUBTED = "the true list is shown, or a list is in doubt, or there is an anomaly"
NO_MORE = "nothing else"  # silence is no wonder


class Connection:
    """A true connection of one TLS 1.2 handshake, and its steps."""

    def __init__(self, segments):
        self.all = segments
        self.syn = self.first(lambda s: s.flags == tcp.SYN)
        self.port = self.syn.dest
        self.syn_ack = self.first(lambda s: s.flags == tcp.SYN | ACK)
        self.ack = self.first(lambda s: s.flags == ACK)
        self.hello = self.first(lambda s: s.payload.startswith(b"\x16\x03"))
        self.hellos, self.flight, *finished = self.runs()[:4]  # a hello may be in pieces
        self.answers = [s for run in finished for s in run]  # up to both sides' Finished
        self.list = TrueList(self.said_by_server())

    def first(self, is_it):
        return next(s for s in self.all if is_it(s))

    def is_from_server(self, segment):
        return segment.source == self.port

    def runs(self):
        """What each side says in its turn, from the hello on."""
        said = [s for s in self.all[self.all.index(self.hello):] if s.payload]
        return [list(run) for _, run in itertools.groupby(said, key=self.is_from_server)]

    def said_by_server(self):
        return b"".join(s.payload for s in self.flight)

    def said_by_forger(self):
        """The flight with another country in the third name, lengths as they were."""
        name = self.list.names[2]
        other = name[:-1] + bytes([name[-1] ^ 2])
        said = self.said_by_server()
        assert said.count(name) == 1
        return said.replace(name, other)

    def forged_flight(self):
        return tcp.divided(self.said_by_forger(), self.flight)

    def in_numbers(self, segments, client, server):
        """The segments with both first numbers moved by these distances."""
        return [shifted(s, server, client) if self.is_from_server(s) else
                shifted(s, client, server) for s in segments]

    def pair(self, client, server):
        """SYN and SYN/ACK in other numbers."""
        return self.in_numbers([self.syn, self.syn_ack], client, server)

    def whole(self, client, server, is_over=False):
        """A forged connection from its SYN to its list, or until its handshake is over."""
        said = [self.syn, self.syn_ack, *self.hellos, *self.forged_flight()]
        return self.in_numbers(said + (self.answers if is_over else []), client, server)

    def again_later(self, client, server):
        """The same ports another time: other numbers, another list."""
        changed = {s: f for s, f in zip(self.flight, self.forged_flight())}
        moved = self.in_numbers([changed.get(s, s) for s in self.all], client, server)
        return Connection([replace(s, time_us=s.time_us + LATER_US) for s in moved])

    def lengths(self):
        """How many numbers the client used, and the server."""
        last = self.all[-1]
        assert self.is_from_server(last)
        return last.ack - self.syn.seq, last.seq - self.syn_ack.seq


class TrueList:
    """The list as its server sent it."""

    def __init__(self, said):
        (request,) = requests_in(0, said)
        self.names = request.names
        self.vector = b"".join(len(n).to_bytes(2, "big") + n for n in self.names)
        self.sha256 = hashlib.sha256(self.vector).hexdigest()

    def is_told_by(self, told):
        return (told.get("sha256") == self.sha256 and told["count"] == len(self.names)
                and told["bytes"] == len(self.vector) and self.has_names_of(told))

    def has_names_of(self, told):
        if "names" not in told:
            return True  # only some events have them
        return len(told["names"]) == len(self.names) and all(
            shown["bytes"] == 2 + len(der) and all(value in shown["dn"] for value in values_of(der))
            for shown, der in zip(told["names"], self.names))


def values_of(der):
    """The texts of a Name's attributes: an attribute is a type and a value."""
    for attribute in attributes_of(der):
        pair = element(attribute)[0]
        yield element(element(pair)[1])[0].decode()


@dataclass
class Form:
    name: str
    segments: list
    lists: list  # that were sent, by true servers
    wish: str = TOLD


# H: a second SYN/ACK, with another first number of the server

def syn_ack_forms(true):
    for way, far in FAR.items():
        forged = shifted(true.syn_ack, far, 0)
        second = behind(true.all, true.syn_ack, [forged])
        first = before(true.all, true.syn_ack, [forged])
        yield Form(f"H1 forged SYN/ACK {way}", second, [true.list], SHOWN)
        for byte, acknowledge in BYTES.items():
            yield from flight_forms(true, f"{way}, {byte}", acknowledge(first, true, far),
                                    acknowledge(second, true, far), far)


def flight_forms(true, words, first, second, far):
    """A forged flight in the forged numbers, where the forged SYN/ACK comes first or second."""
    flight = [shifted(s, far, 0) for s in true.forged_flight()]
    start, end = true.flight[0], true.flight[-1]
    in_front = before(second, start, flight)
    yield Form(f"H2 forged SYN/ACK second, {words}", in_front, [true.list])
    yield Form(f"H3 forged SYN/ACK first, {words}", before(first, start, flight), [true.list])
    yield Form(f"H4 true SYN/ACK lost, {words}", without(in_front, [true.syn_ack]), [true.list])
    yield Form(f"H5 forged flight behind, {words}", behind(second, end, flight), [true.list])
    yield Form(f"H6 true flight lost, {words}", without(in_front, true.flight), [true.list],
               NEVER_COMPLETE)


# A byte of the client's that acknowledges the forged SYN/ACK.

def true_byte_early(segments, true, far):
    return before(segments, true.ack, [acknowledging(true, far, b"\x16")])


def other_byte_early(segments, true, far):
    return before(segments, true.ack, [acknowledging(true, far, b"x")])


def byte_behind_hello(segments, true, far):
    byte = replace(acknowledging(true, far, b"\x16"), seq=true.hello.end)
    return behind(segments, true.hello, [byte])


def acknowledging(true, far, byte):
    return carrying(shifted(true.hello, 0, far), byte)


BYTES = {"hello's byte early": true_byte_early, "other byte early": other_byte_early,
         "byte behind the hello": byte_behind_hello}


def middlebox_forms(true):
    """H7, nobody forges: a box renumbers the server's stream, and both its sides are captured."""
    for way, far in FAR.items():
        for order, is_true_first in SIDES.items():
            both = both_sides(true, true.all, far, is_true_first)
            yield Form(f"H7 both sides of a middlebox, {way}, {order}", both, [true.list], QUIET)
            both.remove(true.syn)  # there is another
            yield Form(f"H7 both sides of a middlebox, {way}, {order}, one SYN", both,
                       [true.list], QUIET)
            late = tcp.swapped(true.all, true.flight[0], true.flight[-1])
            yield Form(f"H8 both sides of a middlebox, {way}, {order}, flight out of order",
                       both_sides(true, late, far, is_true_first), [true.list], QUIET)


def both_sides(true, segments, far, is_true_first):
    both = []
    for segment in segments:
        from_server = true.is_from_server(segment)
        other = shifted(segment, far, 0) if from_server else shifted(segment, 0, far)
        both += [segment, other] if is_true_first(from_server) else [other, segment]
    return both


# Which side's numbers are seen first, by who sends.
SIDES = {"server's side first": lambda from_server: True,
         "client's side first": lambda from_server: False,
         "sender's side first": lambda from_server: from_server}


def cookie_forms(true):
    """H9, nobody forges: the server answered twice, as with SYN cookies, and order was lost."""
    start, end = true.flight[0], true.flight[-1]
    ack = true.first(lambda s: s.ack == end.end and not true.is_from_server(s))
    client, server = true.answers
    for way, far in FAR.items():
        answers = before(true.all, true.syn_ack, [shifted(true.syn_ack, far, 0)])
        for what, segments in {
                "in order": answers,
                "flight": tcp.swapped(answers, start, end),
                "acknowledged before it comes": tcp.swapped(answers, end, ack),
                "SYN/ACK late": tcp.swapped(answers, true.syn_ack, true.ack),
                "flight twice": behind(answers, end, true.flight),
                "answer twice": behind(answers, server, [client, server]),
                "SYN/ACK again": behind(answers, true.hello, [true.syn_ack])}.items():
            yield Form(f"H9 two SYN/ACKs, {way}, {what}", segments, [true.list], QUIET)


def pushed_out_forms(true):
    """H10: more first numbers of the server than are remembered, the true one not among them."""
    for way, far in {**FAR, **CLOSE}.items():
        for elsewhere in 1 << 21, -(1 << 21):
            opening, hello, *flight = true.in_numbers(
                [true.syn_ack, true.hello, *true.forged_flight()], 0, far)
            pushing = [shifted(true.hello, 0, elsewhere), opening, hello]
            yield Form(f"H10 SYN/ACK {way} behind a hello's {elsewhere}, flight in front",
                       before(before(true.all, true.hello, pushing), true.flight[0], flight),
                       [true.list])
            yield Form(f"H10 SYN/ACK {way} behind a hello's {elsewhere}, flight behind",
                       behind(before(true.all, true.hello, pushing), true.flight[-1], flight),
                       [true.list])


def crowded_forms(true):
    """H11: three SYN/ACKs, two of them forged, and a flight in the numbers of either of these."""
    for way, far in {**FAR, **CLOSE}.items():
        for which, place in ("first", before), ("last", behind):
            forged = [shifted(true.syn_ack, at, 0) for at in (far // 2, far)]
            answered = place(true.all, true.syn_ack, forged)
            for at in far // 2, far:
                flight = [shifted(s, at, 0) for s in true.forged_flight()]
                words = f"H11 three SYN/ACKs {way}, the true one {which}, flight at {at}"
                yield Form(f"{words} in front", before(answered, true.flight[0], flight),
                           [true.list])
                yield Form(f"{words} behind", behind(answered, true.flight[-1], flight),
                           [true.list])
                yield Form(f"{words} alone", without(before(answered, true.flight[0], flight),
                                                     true.flight), [true.list], NEVER_COMPLETE)
    for words, segments in {"in order": true.all,
                            "out of order": tcp.swapped(true.all, *true.flight)}.items():
        cookies = [shifted(true.syn_ack, at, 0) for at in FAR.values()]
        yield Form(f"H12 three cookies, {words}", before(segments, true.syn_ack, cookies),
                   [true.list], QUIET if words == "in order" else TOLD)


# I: a forged connection of the same ports within the true one

def inner_forms(true):
    for way, far in FAR.items():
        for where, mark in (("TCP handshake", true.ack), ("hello", true.hello)):
            words = f"behind the {where}, {way}"
            yield from opening_forms(true, words, mark, far)
            yield from syn_forms(true, words, mark, far)


def opening_forms(true, words, mark, far):
    """I1 and I3 behind the TCP handshake, with a hello of their own; I2 and I4 behind the hello."""
    is_early = mark == true.ack
    hello = [true.hello] if is_early else []
    opening = true.in_numbers([true.syn, true.syn_ack], far // 2, far)
    flight = true.in_numbers(hello + true.forged_flight(), far // 2, far)
    opened = behind(true.all, mark, opening)
    yield Form(f"I{1 if is_early else 2} forged SYN and SYN/ACK {words}", opened, [true.list])
    yield Form(f"I{3 if is_early else 4} forged SYN, SYN/ACK and flight {words}",
               before(opened, true.flight[0], flight), [true.list])


def syn_forms(true, words, mark, far):
    syn, syn_ack = true.in_numbers([true.syn, true.syn_ack], far // 2, far)
    yield Form(f"I5 forged SYN {words}", behind(true.all, mark, [syn]), [true.list])
    # The client takes its SYN back; the server refuses it (RFC 9293, 3.5.2).
    from_client = replace(syn, seq=syn.end, flags=tcp.RST, options=b"")
    from_server = replace(syn_ack, seq=0, flags=tcp.RST | ACK, options=b"")
    for whose, reset in (("client's", from_client), ("server's", from_server)):
        yield Form(f"I6 forged SYN and {whose} RST {words}",
                   behind(true.all, mark, [syn, reset]), [true.list])


# W: a forged connection of the same ports, from its SYN to its list

def whole_forms(true):
    places = {"TCP handshake": true.ack, "hello": true.hello, "flight's start": true.flight[0]}
    numbers = {**NUMBERS, "client's far": (FAR["ahead"], 0), "server's far": (0, FAR["ahead"])}
    for words, distances in numbers.items():
        for where, mark in places.items():
            for what, is_over in ("whole", False), ("whole and over", True):
                forged = true.whole(*distances, is_over)
                yield Form(f"W1 {what}, behind the {where}, {words}",
                           behind(true.all, mark, forged), [true.list])
    for words, distances in NUMBERS.items():
        yield from hidden_forms(true, words, *distances)


def hidden_forms(true, words, client, server):
    """W2 to W6: something beside the forged connection that hides it, or the true one."""
    whole = true.whole(client, server, is_over=True)
    decoy = true.pair(client // 2, server // 2)
    yield Form(f"W2 whole, a SYN/ACK more in it, {words}",
               behind(true.all, true.ack, [whole[0], decoy[1], *whole[1:]]), [true.list])
    yield Form(f"W3 whole behind another pair, {words}",
               behind(true.all, true.ack, decoy + whole), [true.list])
    for what, is_over in ("whole", False), ("whole and over", True):
        replayed = true.whole(client, server, is_over) + [true.syn, true.syn_ack]
        yield Form(f"W4 {what}, then the true SYN and SYN/ACK again, {words}",
                   behind(true.all, true.hello, replayed), [true.list])
    # In the client's true number.
    opening, *said = true.in_numbers(
        [true.syn_ack, true.hello, *true.forged_flight(), *true.answers], 0, server)
    opened = behind(true.all, true.syn_ack, [opening])
    yield Form(f"W5 SYN/ACK, then flight and answers, {words}",
               behind(opened, true.hello, said[1:]), [true.list])
    yield Form(f"W5 SYN/ACK, then hello, flight and answers, {words}",
               behind(opened, true.ack, said), [true.list])
    # A SYN of the server's: who is the client?
    turned = replace(true.syn_ack, flags=tcp.SYN, ack=0, seq=tcp.moved(true.syn_ack.seq, 12345))
    flight = true.in_numbers(true.forged_flight(), 0, server)
    for which, place in ("first", before), ("second", behind):
        forged = place(true.all, true.syn_ack, [opening])
        yield Form(f"W6 SYN of the server's, SYN/ACK {which}, flight behind, {words}",
                   before(behind(forged, true.flight[-1], flight), true.syn, [turned]),
                   [true.list])


# R: the connection seems to have ended, then another on its ports

def reset_forms(true):
    for where, mark in (("TCP handshake", true.ack), ("hello", true.hello)):
        for what, ends in endings(true, mark.end).items():
            for words, distances in NUMBERS.items():
                forged = ends + true.whole(*distances)
                yield Form(f"R1 {what}, then whole, behind the {where}, {words}",
                           behind(true.all, mark, forged), [true.list])
            # The true connection goes on, so its receiver did not take it.
            yield Form(f"R2 {what} behind the {where}", behind(true.all, mark, ends),
                       [true.list], SHOWN)
        # In the right numbers it would be an end, and the next a connection of its own.
        blind = endings(true, mark.end)["blind RST"]
        for words, distances in NUMBERS.items():
            forged = blind + true.whole(*distances, is_over=True)
            yield Form(f"R3 blind RST, then whole and over, behind the {where}, {words}",
                       behind(true.all, mark, forged), [true.list])


def endings(true, client_end):
    server_end = true.syn_ack.end
    return {"client's RST": [ending(true.syn, client_end, tcp.RST)],
            "server's RST": [ending(true.syn_ack, server_end, tcp.RST)],
            "blind RST": [ending(true.syn_ack, server_end + FAR["ahead"], tcp.RST)],
            "FIN of both": [ending(true.ack, client_end, tcp.FIN | ACK),
                            ending(true.syn_ack, server_end, tcp.FIN | ACK)]}


def ending(segment, seq, flags):
    return replace(segment, seq=seq % 2 ** 32, flags=flags, options=b"")


# N: a blind forger's segments without data, and pairs of SYN and SYN/ACK

def blind_forms(true):
    places = {"before the SYN": (before, true.syn), "before the SYN/ACK": (before, true.syn_ack),
              "behind the TCP handshake": (behind, true.ack),
              "behind the hello": (behind, true.hello),
              "in the flight": (behind, true.flight[0])}
    for words, (client, server) in NUMBERS.items():
        for what, forged in blind_things(true, client, server).items():
            for where, (place, mark) in places.items():
                yield Form(f"N1 {what} {where}, {words}", place(true.all, mark, forged),
                           [true.list], SHOWN)
            # Some of it on each side of the hello.
            for cut in range(1, len(forged)):
                apart = before(behind(true.all, true.hello, forged[cut:]), true.hello,
                               forged[:cut])
                yield Form(f"N2 {what}, the hello behind {cut} of it, {words}", apart,
                           [true.list], SHOWN)


def blind_things(true, client, server):
    syn, syn_ack = true.pair(client, server)
    second, third = true.pair(-2 * client, server // 2), true.pair(3 * client, server // 3)
    rst = ending(true.syn_ack, true.syn_ack.end + server, tcp.RST)
    fin = ending(true.syn_ack, true.syn_ack.end + server, tcp.FIN | ACK)
    return {"SYN": [syn], "two SYNs": [syn, second[0]],
            "SYN/ACK": [syn_ack], "two SYN/ACKs": [syn_ack, second[1]],
            "server's SYN": [replace(syn_ack, flags=tcp.SYN, ack=0)],
            "client's SYN/ACK": [replace(syn, flags=tcp.SYN | ACK, ack=syn_ack.seq)],
            "RST": [rst], "FIN": [fin],
            "client's RST": [ending(true.syn, true.syn.end + client, tcp.RST)],
            "client's FIN": [ending(true.ack, true.ack.end + client, tcp.FIN | ACK)],
            "pair": [syn, syn_ack], "two pairs": [syn, syn_ack, *second],
            "three pairs": [syn, syn_ack, *second, *third],
            "SYN/ACK and pair": [syn_ack, *second], "RST and pair": [rst, syn, syn_ack],
            "FIN and pair": [fin, syn, syn_ack]}


def answered_forms(true):
    """N3: SYN/ACKs to the true SYN, in other numbers. N4: a RST in the right number, too early."""
    for words, (_, server) in NUMBERS.items():
        answers = [shifted(true.syn_ack, distance, 0)
                   for distance in (server, server // 2, server // 3)]
        for count in 1, 2, 3:
            for where, mark in (("SYN/ACK", true.syn_ack), ("TCP handshake", true.ack),
                                ("hello", true.hello)):
                yield Form(f"N3 {count} SYN/ACKs behind the {where}, {words}",
                           behind(true.all, mark, answers[:count]), [true.list], SHOWN)
        early = before(true.all, true.syn_ack, [ending(true.syn_ack, true.syn_ack.end, tcp.RST)])
        yield Form(f"N4 RST before the SYN/ACK and pair behind, {words}",
                   behind(early, true.ack, true.pair(server // 2, server)), [true.list], SHOWN)


def blind_data_forms(true):
    """N5: data far away before the true flight, alone or with SYN and SYN/ACK of its own."""
    for way, far in FAR.items():
        syn, syn_ack = true.pair(far // 2, far)
        (client,) = true.in_numbers([carrying(true.hello, b"x")], far // 2, far)
        (server,) = true.in_numbers([carrying(true.flight[0], b"x")], far // 2, far)
        for what, forged in {"client's byte": [client], "server's byte": [server],
                             "both sides' bytes": [client, server],
                             "pair and client's byte": [syn, syn_ack, client],
                             "pair and server's byte": [syn, syn_ack, server],
                             "SYN/ACK and server's byte": [syn_ack, server]}.items():
            for where, mark in (("SYN/ACK", true.syn_ack), ("TCP handshake", true.ack),
                                ("hello", true.hello)):
                segments = behind(true.all, mark, forged)
                words = f"N5 {what} behind the {where}, {way}"
                # A connection that takes the place of one with data is followed, in doubt.
                wish = TOLD if syn_ack in forged and mark is true.hello else SHOWN
                yield Form(words, segments, [true.list], wish)
                yield Form(f"{words}, flight out of order",
                           tcp.swapped(segments, true.flight[0], true.flight[-1]), [true.list],
                           wish)


# D: one wrong byte early

WRONG_AT = {"at its start": 0, "in the version": 1, "where the record begins": 5,
            "in the hello's version": 9, "at the session id's length": 43}


def byte_forms(true):
    for where, at in WRONG_AT.items():
        byte = b"\xff" if at in (9, 43) else b"x"
        client = wrong_byte(true.hello, at, byte)
        server = wrong_byte(true.flight[0], at, byte)
        early = before(true.all, true.hello, [client])
        yield Form(f"D1 client's byte {where}", early, [true.list], SHOWN)
        yield Form(f"D1 server's byte {where}", before(true.all, true.flight[0], [server]),
                   [true.list], SHOWN)
        yield Form(f"D1 both sides' byte {where}", before(early, true.flight[0], [server]),
                   [true.list], SHOWN)


def urgent_forms(true):
    """U: a byte of the list is said to be urgent, so the client does not read it in its place."""
    start = true.flight[0]
    acks = [carrying(s, b"") for s in (true.syn_ack, start)]
    for where, segment in {"SYN/ACK": true.syn_ack, "no data": acks[1], "data": start}.items():
        behind_seq = 1500 + (segment is true.syn_ack)
        urgent = replace(segment, flags=segment.flags | tcp.URG, urgent=behind_seq)
        if segment in true.all:
            segments = [urgent if s == segment else s for s in true.all]
            yield Form(f"U1 urgent pointer on {where}", segments, [true.list], NEVER_COMPLETE)
        yield Form(f"U2 urgent pointer on {where} in front",
                   before(true.all, segment if segment in true.all else start, [urgent]),
                   [true.list], NEVER_COMPLETE)
        if segment is not true.syn_ack:
            yield Form(f"U3 urgent pointer on {where} behind",
                       behind(true.all, true.flight[-1], [urgent]), [true.list], NEVER_COMPLETE)


def wrong_byte(segment, at, byte):
    assert segment.payload[at:at + 1] != byte
    return replace(segment, seq=tcp.moved(segment.seq, at), payload=byte)


def early_text_forms(true):
    """D2: text where TLS will begin, before the plain text comes that precedes it."""
    client, server = carrying(true.hello, SERVER_TEXT), carrying(true.flight[0], SERVER_TEXT)
    for whose, pieces in (("client", [client]), ("server", [server]), ("both", [server, client])):
        # It acknowledges what has been sent.
        forged = [replace(s, ack=true.ack.seq if true.is_from_server(s) else true.ack.ack)
                  for s in pieces]
        yield Form(f"D2 {STARTTLS}, early text of {whose}", behind(true.all, true.ack, forged),
                   [true.list], SHOWN)


# F: a forged flight without a handshake of its own

def flight_only_forms(true):
    flight, hello = true.forged_flight(), [true.hello]
    for words, distances in NUMBERS.items():
        blind = true.in_numbers(flight, *distances)  # near: in the window, whoever knows it
        wish = SHOWN if "far" in words else TOLD
        yield Form(f"F1 before the SYN, {words}", before(true.all, true.syn, blind),
                   [true.list], wish)
        yield Form(f"F1 before the SYN/ACK, {words}", before(true.all, true.syn_ack, blind),
                   [true.list], wish)
        pair = true.pair(*distances)
        for what, answers in ("", []), (" and answers", true.answers):
            for behind_it, others in (
                    ("", []), (", then pair", pair),
                    (", then SYN and hello", [pair[0], *true.in_numbers(hello, *distances)])):
                yield Form(f"F2 in the true numbers{what}{behind_it}, {words}",
                           before(true.all, true.flight[0], flight + answers + others),
                           [true.list])


# L: the true SYN/ACK is lost

def lost_forms(true):
    flight = true.forged_flight()
    unanswered = without(true.all, [true.syn_ack])
    for words, (client, server) in NUMBERS.items():
        forged = true.in_numbers(flight, 0, server)
        yield Form(f"L1 forged flight in front, {words}",
                   before(unanswered, true.flight[0], forged), [true.list])
        yield Form(f"L1 forged flight between, {words}",
                   behind(unanswered, true.flight[0], forged), [true.list])
        one_by_one = before(before(unanswered, true.flight[0], forged[:1]), true.flight[1],
                            forged[1:])
        yield Form(f"L1 forged flight one by one, {words}", one_by_one, [true.list])
        # Without the SYN's number, whose the SYN/ACK is cannot be told: L2 has it.
        for where, mark in (("SYN", true.syn), ("TCP handshake", true.ack),
                            ("hello", true.hello)):
            for whose, distance in ("client's true", 0), ("no true", client):
                answer = shifted(true.syn_ack, server, distance)
                yield Form(f"L2 forged SYN/ACK behind the {where}, {whose} number, {words}",
                           behind(unanswered, mark, [answer]), [true.list])


# C: plain text where TLS begins

CLIENT_TEXT, SERVER_TEXT = b"GET /x", b"220 hi"


def text_forms(capture, true):
    """C1 to C3 in the plain handshake, C4 after STARTTLS, C5 in either with longer text."""
    for how, pieces in TEXTS.items():
        from_server = before(true.all, true.flight[0], pieces(true.flight[0], SERVER_TEXT))
        hello_text = pieces(true.hello, CLIENT_TEXT)
        for whose, number, changed in (
                ("server", 1, from_server),
                ("client", 2, before(true.all, true.hello, hello_text)),
                ("both", 3, before(from_server, true.hello, hello_text))):
            if capture == STARTTLS:
                number = 4
            if how != "short":
                number = 5
            yield Form(f"C{number} {capture}, plain text of {whose}, {how}", changed,
                       [true.list])


def text_of(segment, text, length):
    return [carrying(segment, (text * (length // len(text) + 1))[:length])]


def text_in_three(segment, text):
    (whole,) = text_of(segment, text, len(segment.payload))
    third = len(whole.payload) // 3
    cuts = (0, third, 2 * third, len(whole.payload))
    return [replace(whole, seq=tcp.moved(whole.seq, start), payload=whole.payload[start:end])
            for start, end in zip(cuts, cuts[1:])]


TEXTS = {"short": lambda s, text: text_of(s, text, len(text)),
         "as long": lambda s, text: text_of(s, text, len(s.payload)),
         "longer": lambda s, text: text_of(s, text, len(s.payload) + 100),
         "in three": text_in_three}


# M: the server's checksums are wrong, for its card computes them

def checksum_forms(true):
    unsummed = [replace(s, has_good_sum=not true.is_from_server(s)) for s in true.all]
    syn_ack = replace(true.syn_ack, has_good_sum=False)
    yield Form("M1 no right sum of the server", unsummed, [true.list], FOUND)
    for what, far in {"the true number": 0, **FAR}.items():
        forged = shifted(true.syn_ack, far, 0)
        for where, place in (("before", before), ("behind", behind)):
            yield Form(f"M5 forged SYN/ACK with a right sum {where}, {what}",
                       place(unsummed, syn_ack, [forged]), [true.list])


# P: nobody forges, but the ports are used twice

def reuse_forms(true):
    client, server = true.lengths()
    for words, (own, others) in {
            **{way: (far // 2, far) for way, far in FAR.items()},
            # behind the last of the first connection
            "near ahead": (client + 2, server + 1448),
            "nearest": (client, server),
            "server's back": (client + 1448, server - 1),
            "client's far": (FAR["ahead"], server + 70000)}.items():
        later = true.again_later(own, others)
        for what, first, second in pairs(true, later):
            yield Form(f"P1 ports used twice, {words}, {what}", first + second,
                       [true.list, later.list], FOUND if "lost" in what else QUIET)


def pairs(true, later):
    yield "whole", true.all, later.all
    yield "server only", from_server(true), from_server(later)
    yield "first from the middle", without(true.all, [true.syn, true.syn_ack]), later.all
    yield "second's SYN lost", true.all, without(later.all, [later.syn])
    late = tcp.swapped(later.all, later.flight[0], later.flight[-1])
    yield "second's flight out of order", true.all, late
    again = behind(late, later.answers[-1], later.flight + later.answers)
    yield "second's flight out of order and again", true.all, again
    yield "first never closed", true.all[:true.all.index(true.answers[-1]) + 1], again


def from_server(connection):
    return [s for s in connection.all if connection.is_from_server(s)]


# S: segments of nowhere

def stray_forms(true):
    for count in (1, 1000):
        numbers = random.Random(count)
        strays = [replace(true.flight[0], seq=far_number(numbers, true.flight[0].seq),
                          payload=numbers.randbytes(100)) for _ in range(count)]
        yield Form(f"S1 {count} far away", before(true.all, true.flight[0], strays),
                   [true.list], SHOWN)


def far_number(numbers, seq):
    return tcp.moved(seq, numbers.randrange(FAR_AWAY_MIN, 2 ** 32 - FAR_AWAY_MIN))


# N: a second handshake, encrypted, in which the server asks

DATA_BYTE = b"\x17"  # the type of a record of application data
SWALLOWING = b"\x17\x03\x03\x40\x00"  # a header of 16 KiB of it


def renewal_forms(words, segments):
    """One segment of it is lost, or another header comes before or behind it, of either side."""
    first_server = next(s for s in segments if s.flags == tcp.SYN | ACK)
    said = [s for s in segments if s.payload]
    later = said[4:]  # behind both sides' Finished
    yield Form(f"N1 {words}", segments, [])
    for number, one in enumerate(later):
        yield Form(f"N2 {words}, {number} lost", without(segments, [one]), [])
        for header in DATA_BYTE, SWALLOWING:
            forged = [carrying(one, header)]
            for way, place in {"before": before, "behind": behind}.items():
                yield Form(f"N3 {words}, {header.hex()} {way} {number}",
                           place(segments, one, forged), [])
    client, server = ([s for s in later if (s.source == first_server.source) == is_server]
                      for is_server in (False, True))
    for one, other in itertools.product(client[:3], server[:3]):
        both = before(before(segments, one, [carrying(one, SWALLOWING)]), other,
                      [carrying(other, SWALLOWING)])
        yield Form(f"N4 {words}, both sides swallowed at {later.index(one)} and "
                   f"{later.index(other)}", both, [])


def forms(pcaps):
    for capture in PLAIN, STARTTLS:
        true = Connection(tcp.read(pcaps / capture))
        yield Form(f"clean {capture}", true.all, [true.list], QUIET)
        yield from text_forms(capture, true)
        for family in FAMILIES[capture]:
            yield from family(true)
    for capture in RENEWED:
        yield from renewal_forms(capture, tcp.read(pcaps / capture))


FAMILIES = {
    PLAIN: (syn_ack_forms, middlebox_forms, cookie_forms, pushed_out_forms, crowded_forms,
            inner_forms, whole_forms, reset_forms, blind_forms, answered_forms, blind_data_forms,
            byte_forms, urgent_forms, flight_only_forms, lost_forms, checksum_forms, reuse_forms,
            stray_forms),
    STARTTLS: (early_text_forms,),
}
