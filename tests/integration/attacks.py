# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures of check_attacks.py: true handshakes, and what a forger on the path puts into them.

"Ahead" and "back" is where the forger's first number lies, seen from the true one. A forged flight
is the server's with another country in one CA's name, in as many bytes.
"""
import hashlib
import random
from dataclasses import dataclass, replace

import segments as tcp
from segments import before, behind, carrying, shifted, without
from wire import attributes_of, element, requests_in

PLAIN, STARTTLS = "few-cas.pcap", "starttls.pcap"

FAR = {"ahead": 0x30000000, "back": -0x30000000}  # outside any window
FAR_AWAY_MIN = 1 << 24
LATER_US = 10_000_000  # a second connection of the same ports

# What a form must bring, besides no false "complete" and no silence.
TOLD = "something is told"
SHOWN = "the true list is shown, complete or ambiguous"
FOUND = "every true list is complete, and no other list is told"
QUIET = "every true list is complete, no other list, no anomaly"
NEVER_COMPLETE = "no list is complete"


class Connection:
    """A true connection of one TLS 1.2 handshake, and its steps."""

    def __init__(self, segments):
        self.all = segments
        self.syn = self.first(lambda s: s.flags == tcp.SYN)
        self.port = self.syn.dest
        self.syn_ack = self.first(lambda s: s.flags == tcp.SYN | tcp.ACK)
        self.ack = self.first(lambda s: s.flags == tcp.ACK)
        self.hello = self.first(lambda s: s.payload.startswith(b"\x16\x03"))
        self.flight = list(self.first_flight())
        self.list = TrueList(self.said_by_server())

    def first(self, is_it):
        return next(s for s in self.all if is_it(s))

    def is_from_server(self, segment):
        return segment.source == self.port

    def first_flight(self):
        """What the server sends between the client's hello and its next data."""
        for segment in self.all[self.all.index(self.hello) + 1:]:
            if segment.payload and not self.is_from_server(segment):
                return
            if segment.payload:
                yield segment

    def said_by_server(self):
        return b"".join(s.payload for s in self.flight)

    def forged_flight(self):
        """The flight with another country in the third name, lengths as they were."""
        name = self.list.names[2]
        other = name[:-1] + bytes([name[-1] ^ 2])
        said = self.said_by_server()
        assert said.count(name) == 1
        return tcp.divided(said.replace(name, other), self.flight)

    def in_numbers(self, segments, client, server):
        """The segments with both first numbers moved by these distances."""
        return [shifted(s, server, client) if self.is_from_server(s) else
                shifted(s, client, server) for s in segments]

    def again_later(self, way):
        """The same ports another time: other numbers, another list."""
        changed = {s: f for s, f in zip(self.flight, self.forged_flight())}
        moved = self.in_numbers([changed.get(s, s) for s in self.all], FAR[way] // 2, FAR[way])
        return Connection([replace(s, time_us=s.time_us + LATER_US) for s in moved])


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
            both = both_sides(true, far, is_true_first)
            yield Form(f"H7 both sides of a middlebox, {way}, {order}", both, [true.list], QUIET)
            both.remove(true.syn)  # there is another
            yield Form(f"H7 both sides of a middlebox, {way}, {order}, one SYN", both,
                       [true.list], QUIET)


def both_sides(true, far, is_true_first):
    segments = []
    for segment in true.all:
        from_server = true.is_from_server(segment)
        other = shifted(segment, far, 0) if from_server else shifted(segment, 0, far)
        segments += [segment, other] if is_true_first(from_server) else [other, segment]
    return segments


# Which side's numbers are seen first, by who sends.
SIDES = {"server's side first": lambda from_server: True,
         "client's side first": lambda from_server: False,
         "sender's side first": lambda from_server: from_server}


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
    from_server = replace(syn_ack, seq=0, flags=tcp.RST | tcp.ACK, options=b"")
    for whose, reset in (("client's", from_client), ("server's", from_server)):
        yield Form(f"I6 forged SYN and {whose} RST {words}",
                   behind(true.all, mark, [syn, reset]), [true.list])


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
    for way in FAR:
        later = true.again_later(way)
        for what, first, second in pairs(true, later):
            yield Form(f"P1 ports used twice, {way}, {what}", first + second,
                       [true.list, later.list], FOUND)


def pairs(true, later):
    yield "whole", true.all, later.all
    yield ("server only", [s for s in true.all if true.is_from_server(s)],
           [s for s in later.all if later.is_from_server(s)])
    yield "first from the middle", without(true.all, [true.syn, true.syn_ack]), later.all
    yield "second's SYN lost", true.all, without(later.all, [later.syn])


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


def forms(pcaps):
    for capture in PLAIN, STARTTLS:
        true = Connection(tcp.read(pcaps / capture))
        yield Form(f"clean {capture}", true.all, [true.list], QUIET)
        yield from text_forms(capture, true)
        if capture == PLAIN:
            for family in (syn_ack_forms, middlebox_forms, inner_forms, checksum_forms,
                           reuse_forms, stray_forms):
                yield from family(true)
