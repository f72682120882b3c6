#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes a corpus file for fuzz_sniffer from a classic pcap file, or a pcap file from it.

    pcap_to_frames.py CAPTURE CORPUS_FILE
    pcap_to_frames.py --back CORPUS_FILE CAPTURE
"""
import struct
import sys

# Link types of the table in fuzz_sniffer.c, as files have them.
LINK_TYPES = [1, 101, 113, 276, 0, 108, 9, 50, 51, 228, 229]
JSON = 1


def to_frames(capture):
    magic, _, _, _, _, _, link_type = struct.unpack("=IHHIIII", capture[:24])
    if magic != 0xA1B2C3D4:
        sys.exit("not a classic pcap file with microseconds, of this machine's byte order")
    out = bytes([LINK_TYPES.index(link_type), JSON])
    at = 24
    while at < len(capture):
        size = struct.unpack("=I", capture[at + 8:at + 12])[0]
        out += struct.pack(">H", size) + capture[at + 16:at + 16 + size]
        at += 16 + size
    return out


def to_capture(frames):
    link_type = LINK_TYPES[(frames[0] & 15) % len(LINK_TYPES)]
    step_us = 1000 << (frames[1] >> 4)
    out = struct.pack("=IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)
    at, time_us = 2, 1700000000000000
    while at + 2 <= len(frames):
        size = struct.unpack(">H", frames[at:at + 2])[0]
        frame = frames[at + 2:at + 2 + size]
        if len(frame) < size:
            break
        time_us += step_us
        out += struct.pack("=IIII", time_us // 1000000, time_us % 1000000, size, size) + frame
        at += 2 + size
    return out


def main():
    convert = to_frames
    arguments = sys.argv[1:]
    if arguments[:1] == ["--back"]:
        convert = to_capture
        arguments = arguments[1:]
    if len(arguments) != 2:
        sys.exit(__doc__)
    with open(arguments[0], "rb") as source, open(arguments[1], "wb") as target:
        target.write(convert(source.read()))


if __name__ == "__main__":
    main()
