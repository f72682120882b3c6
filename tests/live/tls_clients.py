#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Full TLS 1.2 handshakes without a client certificate; prints the wall clock at each one's end.

usage: tls_clients.py ADDRESS PORT COUNT
"""
import socket
import ssl
import sys
import time

PATIENCE_S = 10


def shake_hands(context, address, port):
    with socket.create_connection((address, port), timeout=PATIENCE_S) as plain:
        with context.wrap_socket(plain, server_hostname="www.example.at"):
            return time.time()


def main():
    address, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for _ in range(count):
        print(shake_hands(context, address, port), flush=True)


if __name__ == "__main__":
    main()
