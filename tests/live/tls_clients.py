#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Full TLS 1.2 handshakes without a client certificate; prints the wall clock at each one's end,
and then says nothing for as long as told.

usage: tls_clients.py ADDRESS PORT COUNT SECONDS
"""
import socket
import ssl
import sys
import time

PATIENCE_S = 10


def shake_hands(context, address, port, silence_s):
    with socket.create_connection((address, port), timeout=PATIENCE_S) as plain:
        with context.wrap_socket(plain, server_hostname="www.example.at"):
            print(time.time(), flush=True)
            time.sleep(silence_s)


def main():
    address, port, count, silence_s = sys.argv[1], *map(int, sys.argv[2:5])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for _ in range(count):
        shake_hands(context, address, port, silence_s)


if __name__ == "__main__":
    main()
