# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorded handshakes, sent again between other addresses and ports."""
import gzip
import socket
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ETHERNET, PORTS_FROM, PORTS = 14, 1024, 64000
CLIENTS_FROM = int.from_bytes(socket.inet_aton("10.0.0.1"), "big")


@dataclass
class Frame:
    """A frame in pieces, its sums without what changes. dont_count: the sums' own places."""
    ethernet: bytes
    ip_head: bytes
    ip_options: bytes
    tcp_middle: bytes
    tcp_rest: bytes
    ip_sum: int
    tcp_sum: int
    is_reply: bool


def packets_of(path):
    """(seconds, frame) of a pcap file of this machine's byte order."""
    data = Path(path).read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    magic, = struct.unpack_from("<I", data)
    if magic not in (0xa1b2c3d4, 0xa1b23c4d):
        raise ValueError(f"{path} is no pcap file of this byte order")
    per_second = 1e6 if magic == 0xa1b2c3d4 else 1e9
    at = 24
    while at < len(data):
        seconds, fraction, kept, _ = struct.unpack_from("<IIII", data, at)
        yield seconds + fraction / per_second, data[at + 16:at + 16 + kept]
        at += 16 + kept


def sum16(data):
    """The sum of the 16 bit words, carries not yet folded."""
    if len(data) % 2:
        data += b"\0"
    return sum(struct.unpack(f"!{len(data) // 2}H", data))


def checksum(total):
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return ~(total + (total >> 16)) & 0xffff


class Recording:
    """The first connection of a capture with IPv4 on Ethernet, each frame in pieces."""

    def __init__(self, path):
        self.frames = []
        self.client = None
        for _, frame in packets_of(path):
            self._take(frame)

    def _take(self, frame):
        head_len = (frame[ETHERNET] & 15) * 4
        tcp_at = ETHERNET + head_len
        ip = frame[ETHERNET:ETHERNET + int.from_bytes(frame[16:18], "big")]
        source, dest = ip[12:16], ip[16:20]
        ports = frame[tcp_at:tcp_at + 4]
        if self.client is None:
            self.client, self.server = (source, ports[:2]), (dest, ports[2:])
        is_reply = (dest, ports[2:]) == self.client
        if not is_reply and (source, ports[:2]) != self.client:
            return
        tcp = ip[head_len:]
        middle, rest = tcp[4:16], tcp[18:]
        self.frames.append(Frame(
            frame[:ETHERNET], ip[:10], ip[20:head_len], middle, rest,
            sum16(ip[:10]) + sum16(ip[20:head_len]),
            sum16(middle) + sum16(rest) + socket.IPPROTO_TCP + len(tcp), is_reply))

    def copy(self, number, server=None, port=None):
        """The frames of copy `number`: a client, or a port of it, that no other copy has."""
        client = struct.pack("!I", CLIENTS_FROM + number // PORTS)
        client_port = struct.pack("!H", PORTS_FROM + number % PORTS)
        server = socket.inet_aton(server) if server else self.server[0]
        server_port = struct.pack("!H", port) if port else self.server[1]
        addresses = sum16(client) + sum16(server)
        ports = sum16(client_port) + sum16(server_port)
        ways = {False: (client + server, client_port + server_port),
                True: (server + client, server_port + client_port)}
        for f in self.frames:
            way, way_ports = ways[f.is_reply]
            yield b"".join((
                f.ethernet, f.ip_head, checksum(f.ip_sum + addresses).to_bytes(2, "big"), way,
                f.ip_options, way_ports, f.tcp_middle,
                checksum(f.tcp_sum + addresses + ports).to_bytes(2, "big"), f.tcp_rest))


class Load:
    """Copies of a recording on the cable, so many connections a second, until stop().

    server_of(number) gives the server's address of a copy; None leaves the recorded one."""

    def __init__(self, lab, recording, per_second, first=0, limit=None,
                 server_of=lambda number: None):
        self.raw = lab.raw_socket()
        self.recording = recording
        self.per_second = per_second
        self.first, self.limit, self.server_of = first, limit, server_of
        self.ended_at = []  # monotonic time of each connection's last frame
        self.lost = 0       # frames that the cable did not take
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    @property
    def sent(self):
        return len(self.ended_at)

    def _run(self):
        start = time.monotonic()
        while not self.is_over.is_set() and self.sent != self.limit:
            early = start + self.sent / self.per_second - time.monotonic()
            if early > 0:
                self.is_over.wait(early)
                continue
            self._send_one()
        self.raw.close()

    def _send_one(self):
        number = self.first + self.sent
        for frame in self.recording.copy(number, self.server_of(number)):
            try:
                self.raw.send(frame)
            except OSError:  # the link is down, or its queue is full
                self.lost += 1
        self.ended_at.append(time.monotonic())

    @property
    def frames(self):
        """How many frames were sent, or tried to."""
        return self.sent * len(self.recording.frames)

    def stop(self):
        """How many connections were sent."""
        self.is_over.set()
        self.thread.join()
        return self.sent

    def join(self, seconds):
        """Until the limit is reached."""
        self.thread.join(seconds)
        assert not self.thread.is_alive(), f"the load is not through after {seconds} s"


def send(lab, recording, first=0, count=1, **to):
    """Some copies at once."""
    with lab.raw_socket() as raw:
        for number in range(first, first + count):
            for frame in recording.copy(number, **to):
                raw.send(frame)
