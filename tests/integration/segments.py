# SPDX-License-Identifier: GPL-2.0-or-later
"""The TCP segments of a capture: read, changed, written again. IPv4 over Ethernet only, in a pcap
file of the plainest form, as pcaps/ has them.

A segment that nobody changed is written as it was read, byte for byte; of one that was changed the
lengths and checksums are made anew.
"""
import struct
from dataclasses import dataclass, replace

FILE_HEADER = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1)
ETHERNET_LEN, IP_LEN, TCP_LEN = 14, 20, 20
FIN, SYN, RST, PSH, ACK, URG = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20


@dataclass(frozen=True)
class Segment:
    """What a form changes has a name; the headers below TCP are kept as they were."""
    time_us: int
    headers: bytes  # of Ethernet and IP
    source: int
    dest: int
    seq: int
    ack: int
    flags: int
    window: int
    options: bytes
    payload: bytes
    has_good_sum: bool = True
    urgent: int = 0  # with URG: how far behind seq urgent data ends

    @property
    def end(self):
        """The number behind its last byte."""
        return moved(self.seq, len(self.payload) + bool(self.flags & SYN))


def moved(number, distance):
    return (number + distance) % 2 ** 32


# Reading

def read(path):
    return list(segments_in(path.read_bytes()))


def segments_in(data):
    data = data[len(FILE_HEADER):]
    while data:
        seconds, us, captured, _ = struct.unpack_from("<IIII", data)
        yield parse(seconds * 1_000_000 + us, data[16:16 + captured])
        data = data[16 + captured:]


def parse(time_us, frame):
    ip = frame[ETHERNET_LEN:]
    tcp = ip[IP_LEN:int.from_bytes(ip[2:4], "big")]
    source, dest, seq, ack, data_at, flags, window = struct.unpack_from(">HHIIBBH", tcp)
    header_len = (data_at >> 4) * 4
    return Segment(time_us, frame[:ETHERNET_LEN + IP_LEN], source, dest, seq, ack, flags, window,
                   tcp[TCP_LEN:header_len], tcp[header_len:])


# Writing

def write(path, segments):
    path.write_bytes(FILE_HEADER + b"".join(record(s) for s in segments))


def record(segment):
    frame = frame_of(segment)
    return struct.pack("<IIII", *divmod(segment.time_us, 1_000_000), len(frame),
                       len(frame)) + frame


def frame_of(segment):
    ethernet, ip = segment.headers[:ETHERNET_LEN], segment.headers[ETHERNET_LEN:]
    tcp = tcp_of(segment)
    tcp_sum = internet_sum(ip[12:20] + struct.pack(">HH", 6, len(tcp)) + tcp)
    if not segment.has_good_sum:
        tcp_sum ^= 0x5555
    tcp = tcp[:16] + struct.pack(">H", tcp_sum) + tcp[18:]
    ip = ip[:2] + struct.pack(">H", IP_LEN + len(tcp)) + ip[4:10] + bytes(2) + ip[12:]
    ip = ip[:10] + struct.pack(">H", internet_sum(ip)) + ip[12:]
    return ethernet + ip + tcp


def tcp_of(segment):
    """With a checksum of zero."""
    data_at = (TCP_LEN + len(segment.options)) // 4 << 4
    header = struct.pack(">HHIIBBHHH", segment.source, segment.dest, segment.seq, segment.ack,
                         data_at, segment.flags, segment.window, 0, segment.urgent)
    return header + segment.options + segment.payload


def internet_sum(data):
    total = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + bytes(len(data) % 2)))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


# Changing

def carrying(segment, payload):
    return replace(segment, payload=payload)


def shifted(segment, own, others):
    """In other numbers: its own by the first distance, those it acknowledges by the second."""
    ack = moved(segment.ack, others) if segment.flags & ACK else segment.ack
    return replace(segment, seq=moved(segment.seq, own), ack=ack)


def divided(payload, like):
    """The bytes in pieces as long as those of the segments."""
    pieces, at = [], 0
    for segment in like:
        pieces.append(carrying(segment, payload[at:at + len(segment.payload)]))
        at += len(segment.payload)
    return pieces


def before(segments, mark, added):
    return placed(segments, segments.index(mark), mark, added)


def behind(segments, mark, added):
    return placed(segments, segments.index(mark) + 1, mark, added)


def placed(segments, at, mark, added):
    """Seen at the time of the one they stand next to."""
    return segments[:at] + [replace(a, time_us=mark.time_us) for a in added] + segments[at:]


def without(segments, lost):
    return [s for s in segments if s not in lost]


def swapped(segments, one, other):
    """Each in the other's place."""
    return in_time([{one: other, other: one}.get(s, s) for s in segments])


def in_time(segments):
    """None is seen before the one in front of it."""
    latest, ordered = 0, []
    for segment in segments:
        latest = max(latest, segment.time_us)
        ordered.append(replace(segment, time_us=latest))
    return ordered
