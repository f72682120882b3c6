# SPDX-License-Identifier: GPL-2.0-or-later
"""The smallest mail server with STARTTLS and client certificates: ADDRESS PORT CERT KEY CAS."""
import socket
import ssl
import sys


def serve(address, port, certificate, key, authorities):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authorities)
    context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((address, int(port))) as listener:
        peer, _ = listener.accept()
        peer.sendall(b"220 mail.example.at ESMTP\r\n")
        peer.recv(1000)  # EHLO
        peer.sendall(b"250-mail.example.at\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n")
        peer.recv(1000)  # STARTTLS
        peer.sendall(b"220 2.0.0 Ready to start TLS\r\n")
        with context.wrap_socket(peer, server_side=True) as tls:
            print("server: client is", tls.getpeercert()["subject"], flush=True)
            tls.recv(1000)


if __name__ == "__main__":
    serve(*sys.argv[1:])
