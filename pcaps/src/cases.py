# SPDX-License-Identifier: GPL-2.0-or-later
"""The captures: who serves, who calls, what it shows, and what is expected of casniff."""
from dataclasses import dataclass, field

from stores import SCHANNEL

SERVE = "openssl s_server -cert server-ec.pem -key ec.key -verify_return_error -accept 443 "
CALL = "openssl s_client -connect 192.0.2.20:443 -servername www.example.at "
GNUTLS = "./gnutls_client 192.0.2.20 443 NORMAL:-VERS-TLS1.3 "
JAVA = "java -Djava.security.egd=file:/dev/urandom Client.java 192.0.2.20 443 "
NSS = "tstclnt -h 192.0.2.20 -p 443 -o -Q -V ssl3:ssl3 "
KEYS = ["--keylog-world-readable", "--keylog"]
OLD = "-cipher DEFAULT@SECLEVEL=0 "
NGINX = (443, "nginx -p . -c nginx.conf")

# What mbedTLS 2.28 puts in front of the list: message header 4, certificate types 1 + 2,
# signature algorithms 2 + 8, length of the list 2.
MBEDTLS_AROUND = 19


@dataclass
class Case:
    name: str
    shows: str
    servers: list            # (port, command)
    clients: list            # commands, run one after the other
    expect: list             # one entry a connection, see README.md
    programs: tuple          # packages of the programs that speak
    options: list = field(default_factory=list)   # for casniff
    files: dict = field(default_factory=dict)     # kept file: what it is in the scratch folder
    printed: tuple = ()      # what the programs must have said for the case to be the case
    pause_s: float = 0.4     # before a client's input ends
    client_says: str = ""    # typed at the client, before the server's words
    server_says: str = ""    # typed at the server while a client is there; | is a pause
    precision: str = "micro"
    offload: str = "off"
    vlan: int = 0            # a tag that is added to the finished capture
    tshark_sees_lists: bool = True  # it takes messages above 65,536 bytes for encrypted ones
    decode_as_tls: bool = True  # False: tshark finds the TLS by itself, after a plaintext start


def connection(version, requested, answer, *diagnosis, **more):
    return {"version": version, "requested": requested, "answer": answer,
            "diagnosis": list(diagnosis), **more}


def accepted(version="TLS 1.2", **more):
    return connection(version, "yes", "certificate", "OK", established="yes", **more)


def refused(alert, *diagnosis, **more):
    """Asked, answered with a certificate, refused by the server with this alert."""
    return connection("TLS 1.2", "yes", "certificate", *diagnosis, "REJECTED_BY_ALERT",
                      established="no", alerts=[["server", alert]], **more)


def sent_none(alert, *diagnosis, **more):
    """Asked, answered with an empty Certificate, refused."""
    return connection("TLS 1.2", "yes", "empty", "CLIENT_SENT_NONE", *diagnosis,
                      established="no", alerts=[["server", alert]], **more)


def complete(truncation, **more):
    return {"capture": "complete", "truncation": truncation, **more}


FIVE = {"sent": "five", "verdict": complete("no_sign", headroom="ok")}

CASES = [
    Case("founding-case.pcap",
         "A server that trusts 405 roots advertises the 133 of them that fit 16,384 bytes. The "
         "client belongs to the 300th, is not invited, sends no certificate and is refused.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile advertised.pem -verifyCAfile store.pem")],
         [GNUTLS + "founding.pem ec.key"],
         [sent_none(40, "ISSUER_CUT_OFF", sent=("store", SCHANNEL),
                    verdict=complete("confirmed", limit_name="schannel-16k", store_names=405))],
         ("openssl", "libgnutls30"),
         options=["--trust-store", "founding-case-store.pem",
                  "--client-cert", "founding-case-client.pem"],
         files={"founding-case-store.pem": "store.pem", "founding-case-client.pem": "founding.pem"},
         printed=("peer did not return a certificate", "client: alert Handshake failed")),

    Case("whole-store.pcap",
         "The founding case's store, advertised whole: the client finds its root and is let in. "
         "Captured with offload on: large segments, unfinished checksums.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile store.pem")],
         [GNUTLS + "founding.pem ec.key"],
         [accepted(sent="store", verdict=complete("none", headroom="over", store_names=405))],
         ("openssl", "libgnutls30"),
         options=["--trust-store", "founding-case-store.pem",
                  "--client-cert", "founding-case-client.pem"],
         offload="on", printed=("client: Success",)),

    Case("subset.pcap",
         "The founding case's store, of which the server was given every tenth: a choice, no cut.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile every-tenth.pem -verifyCAfile store.pem")],
         [GNUTLS + "founding.pem ec.key"],
         [accepted(sent="every-tenth", verdict=complete("subset", headroom="ok", store_names=405))],
         ("openssl", "libgnutls30"),
         options=["--trust-store", "founding-case-store.pem"], printed=("client: Success",)),

    Case("mbedtls-cut.pcap",
         "mbedTLS itself cuts the list of its 200 roots where its 16,384-byte buffer ends. The "
         "client's root is the last.",
         [(443, "./mbedtls_server 192.0.2.20 443 server-ec.pem ec.key two-hundred.pem")],
         [GNUTLS + "cut-off.pem ec.key"],
         [connection("TLS 1.2", "yes", "empty", "CLIENT_SENT_NONE", "ISSUER_CUT_OFF",
                     established="no", sent=("two-hundred", SCHANNEL - MBEDTLS_AROUND),
                     verdict=complete("confirmed", limit_name="mbedtls-12", store_names=200))],
         ("libmbedtls-dev", "libgnutls30"),
         options=["--limit", "mbedtls-12", "--trust-store", "mbedtls-cut-store.pem",
                  "--client-cert", "mbedtls-cut-client.pem"],
         files={"mbedtls-cut-store.pem": "two-hundred.pem",
                "mbedtls-cut-client.pem": "cut-off.pem"}),

    Case("few-cas.pcap",
         "Five CAs, a client of one of them: how it should be.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [accepted(sent="five", verdict=complete("none", headroom="ok", store_names=5))],
         ("openssl",), options=["--trust-store", "few-cas-store.pem"],
         files={"few-cas-store.pem": "five.pem"}),

    Case("vlan.pcap", "The same, with a VLAN tag.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [accepted(**FIVE)], ("openssl", "tcpreplay"), vlan=7),

    Case("debian-bundle.pcap.gz",
         "Debian's whole bundle of CA certificates is the list; a client without a certificate.",
         [(443, SERVE + "-tls1_2 -verify 3 -CAfile debian.pem")], [CALL],
         [connection("TLS 1.2", "yes", "empty", "CLIENT_SENT_NONE", established="yes",
                     sent="debian", verdict=complete("no_sign", headroom="warn"))],
         ("openssl", "ca-certificates")),

    Case("400-cas.pcapng", "400 CAs over several records: more than many clients accept.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile four-hundred.pem")],
         [CALL + "-cert founding.pem -key ec.key"],
         [accepted(sent="four-hundred", verdict=complete(
             "no_sign", headroom="over",
             clients_refusing=["mbedtls-recv", "wolfssl-recv", "java-recv", "schannel-recv"]))],
         ("openssl",)),

    Case("java-too-big.pcap.gz", "400 CAs, and a client that refuses so long a message.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile four-hundred.pem")], [JAVA + "good.p12"],
         [connection("TLS 1.2", "yes", "none", "MESSAGE_TOO_BIG_FOR_CLIENT", established="no",
                     alerts=[["client", 10]], sent="four-hundred",
                     verdict=complete("no_sign", headroom="over"))],
         ("openssl", "openjdk-17-jre-headless"), printed=("exceeds the maximum allowed size",)),

    Case("server-not-trusted.pcap.gz",
         "400 CAs, which OpenSSL's client takes; but it does not trust the server's own "
         "certificate, and breaks off.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile four-hundred.pem")],
         [CALL + "-verify_return_error -no-CAfile -no-CApath -no-CAstore"],
         [connection("TLS 1.2", "yes", "none", "SERVER_CERT_REJECTED", established="no",
                     alerts=[["client", 48]], sent="four-hundred",
                     verdict=complete("no_sign", headroom="over"))],
         ("openssl",), printed=("certificate verify failed",)),

    Case("java.pcap", "A Java client whose certificate's CA is not asked for sends none.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")], [JAVA + "stranger.p12"],
         [sent_none(40, **FIVE)], ("openssl", "openjdk-17-jre-headless"), offload="on",
         printed=("Received fatal alert: handshake_failure",)),

    Case("wrong-issuer.pcap",
         "OpenSSL's client sends its certificate though its CA is not in the list; refused.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert stranger.pem -key ec.key"],
         [refused(48, "ISSUER_NOT_ADVERTISED", **FIVE)], ("openssl",)),

    Case("encoding-mismatch.pcap",
         "The client's CA is in the list, but as PrintableString; its certificate names it as "
         "UTF8String. GnuTLS compares bytes and sends none.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile printable.pem")], [GNUTLS + "device.pem ec.key"],
         [sent_none(40, "ENCODING_MISMATCH", sent="printable", verdict=complete("no_sign"))],
         ("openssl", "libgnutls30"), options=["--client-cert", "encoding-mismatch-client.pem"],
         files={"encoding-mismatch-client.pem": "device.pem"}),

    Case("expired.pcap", "An expired client certificate.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert expired.pem -key ec.key"], [refused(45, "EXPIRED", **FIVE)], ("openssl",)),

    Case("not-yet-valid.pcap", "A client certificate of the future.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert future.pem -key ec.key"], [refused(42, "NOT_YET_VALID", **FIVE)],
         ("openssl",)),

    Case("wrong-purpose.pcap", "A client certificate made for servers only.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert wrong-purpose.pem -key ec.key"],
         [refused(43, "NO_CLIENTAUTH_EKU", **FIVE)], ("openssl",)),

    Case("no-intermediate.pcap",
         "The certificate of an intermediate CA's client, without the intermediate.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert branch-client.pem -key ec.key"], [refused(48, **FIVE)], ("openssl",)),

    Case("unrelated-intermediate.pcap",
         "A certificate whose CA is not in the list, with an intermediate CA's certificate that "
         "is of a listed one and has nothing to do with it; refused.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert stranger.pem -key ec.key -cert_chain branch.pem"],
         [refused(48, "ISSUER_NOT_ADVERTISED", **FIVE)], ("openssl",)),

    Case("empty-list.pcap", "A request without any CA.",
         [(443, SERVE + "-tls1_2 -Verify 3 -verifyCAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [connection("TLS 1.2", "yes", "certificate", "REQUEST_EMPTY_LIST", established="yes",
                     sent=None, verdict=complete("no_sign"))], ("openssl",)),

    Case("no-request.pcap", "No client certificate is asked for.",
         [(443, SERVE + "-tls1_2")], [CALL],
         [connection("TLS 1.2", "no", "none", "NO_REQUEST", established="yes")], ("openssl",)),

    Case("resumption-ticket.pcap", "A full handshake, then one resumed by ticket.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key -sess_out ticket.session",
          CALL + "-cert good.pem -key ec.key -sess_in ticket.session"],
         [accepted(resumed=False, **FIVE),
          connection("TLS 1.2", "no", "none", "RESUMED", established="yes", resumed=True)],
         ("openssl",), printed=("Reused, TLSv1.2",)),

    Case("resumption-id.pcap", "A full handshake, then one resumed by session id.",
         [(443, SERVE + "-tls1_2 -Verify 3 -CAfile five.pem -no_ticket")],
         [CALL + "-cert good.pem -key ec.key -sess_out id.session",
          CALL + "-cert good.pem -key ec.key -sess_in id.session"],
         [accepted(resumed=False, **FIVE),
          connection("TLS 1.2", "no", "none", "RESUMED", established="yes", resumed=True)],
         ("openssl",), printed=("Reused, TLSv1.2",)),

    Case("starttls.pcap", "TLS after a plaintext start: mail with STARTTLS.",
         [(587, "stunnel stunnel.conf")],
         ["openssl s_client -starttls smtp -connect 192.0.2.20:587 -cert good.pem -key ec.key"],
         [accepted(**FIVE)], ("stunnel4", "openssl"), decode_as_tls=False,
         printed=("verify return:1",)),

    Case("wrap.pcap.gz",
         "A list of more than 65,535 bytes: GnuTLS sends it whole under a length that wrapped.",
         [(443, "gnutls-serv -q -p 443 --priority NORMAL:-VERS-TLS1.3 --require-client-cert "
                "--x509certfile server-ec.pem --x509keyfile ec.key --x509cafile wide.pem")],
         [CALL + "-cert founding.pem -key ec.key"],
         [connection("TLS 1.2", "yes", "none", established="no",
                     alerts=[["client", 50], ["server", 50]], sent="wide",
                     verdict={"lint": ["length_wrapped"]})],
         ("gnutls-bin", "openssl"), tshark_sees_lists=False,
         printed=("parse_ca_names:length mismatch",)),

    Case("renegotiation.pcap",
         "No certificate is asked for at first, then one in a renegotiation, which is encrypted.",
         [(443, SERVE + "-tls1_2 -no_resumption_on_reneg -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [connection("TLS 1.2", "yes", "certificate", "REQUEST_HIDDEN_RENEGOTIATION",
                     how="inferred", established="yes")],
         ("openssl",), server_says="R\n", pause_s=1.0, printed=("CN = Anna Muster",)),

    Case("renegotiation-later.pcap",
         "As IIS does it: the handshake, a request for a page, then another handshake that asks.",
         [(443, SERVE + "-tls1_2 -no_resumption_on_reneg -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [connection("TLS 1.2", "no", "none", "NO_REQUEST", established="yes"),
          connection("TLS 1.2", "yes", "certificate", "REQUEST_HIDDEN_RENEGOTIATION",
                     how="inferred")],
         ("openssl",), client_says="GET / HTTP/1.0\n", server_says="wait\n|R\n", pause_s=1.0,
         printed=("CN = Anna Muster",)),

    Case("renegotiation-keylog.pcap",
         "As IIS does it, and the key log that opens the second handshake; a third one asks no "
         "more.",
         [(443, SERVE + "-tls1_2 -no_resumption_on_reneg -CAfile five.pem -keylogfile gcm.keys")],
         [CALL + "-cert good.pem -key ec.key"],
         [connection("TLS 1.2", "no", "none", "NO_REQUEST", established="yes"),
          accepted(how="decrypted", **FIVE),
          connection("TLS 1.2", "no", "none", "NO_REQUEST", how="decrypted", established="yes")],
         ("openssl",), options=KEYS + ["renegotiation-keylog.keys"],
         files={"renegotiation-keylog.keys": "gcm.keys"}, client_says="GET / HTTP/1.0\n",
         server_says="wait\n|R\n|welcome\n|R\n|welcome\n", pause_s=1.0,
         printed=("CN = Anna Muster",)),

    Case("renegotiation-cbc.pcap",
         "The same in TLS 1.0, where each record is chained to the one before it.",
         [(443, SERVE + OLD + "-tls1 -no_resumption_on_reneg -CAfile five.pem -keylogfile "
           "cbc.keys")],
         [CALL + OLD + "-tls1 -cert good.pem -key ec.key"],
         [connection("TLS 1.0", "no", "none", "NO_REQUEST", established="yes"),
          accepted("TLS 1.0", how="decrypted", **FIVE)],
         ("openssl",), options=KEYS + ["renegotiation-cbc.keys"],
         files={"renegotiation-cbc.keys": "cbc.keys"}, client_says="GET / HTTP/1.0\n",
         server_says="wait\n|R\n|welcome\n", pause_s=1.0, printed=("CN = Anna Muster",)),

    Case("tls10.pcap", "TLS 1.0.",
         [(443, SERVE + OLD + "-tls1 -Verify 3 -CAfile five.pem")],
         [CALL + OLD + "-cert good.pem -key ec.key -tls1"], [accepted("TLS 1.0", **FIVE)],
         ("openssl",)),

    Case("tls11.pcap", "TLS 1.1.",
         [(443, SERVE + OLD + "-tls1_1 -Verify 3 -CAfile five.pem")],
         [CALL + OLD + "-cert good.pem -key ec.key -tls1_1"], [accepted("TLS 1.1", **FIVE)],
         ("openssl",)),

    Case("sslv3.pcap", "SSLv3, with a client certificate and then without one (alert 41).",
         [(443, "selfserv -d sql:nss-server-rsa -n server-rsa -p 443 -r -V ssl3:ssl3")],
         [NSS + "-d sql:nss-good-rsa -n good-rsa", NSS + "-d sql:nss-nobody"],
         [accepted("SSL 3.0", sent="five", verdict=complete("no_sign")),
          connection("SSL 3.0", "yes", "empty", "CLIENT_SENT_NONE", alerts=[["client", 41]],
                     sent="five", verdict=complete("no_sign"))],
         ("libnss3-tools",), pause_s=1.0),

    Case("tls13.pcap", "TLS 1.3 hides the request; the sizes of its records tell that there is one.",
         [(443, SERVE + "-tls1_3 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key"],
         [connection("TLS 1.3", "yes", "certificate", "REQUEST_HIDDEN_TLS13")], ("openssl",)),

    Case("tls13-retry.pcap", "TLS 1.3 with a HelloRetryRequest.",
         [(443, SERVE + "-tls1_3 -groups P-384 -Verify 3 -CAfile five.pem")],
         [CALL + "-groups X25519:P-384 -cert good.pem -key ec.key"],
         [connection("TLS 1.3", "yes", "certificate", "REQUEST_HIDDEN_TLS13")], ("openssl",)),

    Case("tls13-none-sent.pcap", "TLS 1.3, encrypted: a client that has no certificate.",
         [(443, SERVE + "-tls1_3 -Verify 3 -CAfile five.pem")], [CALL],
         [connection("TLS 1.3", "yes", "empty", "REQUEST_HIDDEN_TLS13", "CLIENT_SENT_NONE",
                     how="inferred")], ("openssl",)),

    Case("tls13-not-asked.pcap", "TLS 1.3, encrypted: no client certificate is asked for.",
         [(443, SERVE + "-tls1_3")], [CALL],
         [connection("TLS 1.3", "no", "none", "NO_REQUEST", how="inferred")], ("openssl",)),

    Case("tls13-java.pcap.gz",
         "TLS 1.3, encrypted: 400 CAs, and a client that refuses so long a message.",
         [(443, SERVE + "-tls1_3 -Verify 3 -CAfile four-hundred.pem")],
         [JAVA.replace("Client.java", "-Dversion=TLSv1.3 Client.java") + "good.p12"],
         [connection("TLS 1.3", "yes", "none", "MESSAGE_TOO_BIG_FOR_CLIENT", how="inferred",
                     established="no")],
         ("openssl", "openjdk-17-jre-headless"),
         printed=("exceeds the maximum allowed size",)),

    Case("tls13-keylog.pcap", "TLS 1.3, and the key log that opens it.",
         [(443, SERVE + "-tls1_3 -Verify 3 -CAfile five.pem -keylogfile tls13.keys")],
         [CALL + "-cert good.pem -key ec.key"],
         [accepted("TLS 1.3", how="decrypted", **FIVE)], ("openssl",),
         options=KEYS + ["tls13-keylog.keys"], files={"tls13-keylog.keys": "tls13.keys"}),

    Case("tls13-later.pcap",
         "TLS 1.3: the server asks after the handshake, and the key log shows it.",
         [(443, SERVE + "-tls1_3 -CAfile five.pem -keylogfile later.keys")],
         [CALL + "-enable_pha -cert good.pem -key ec.key"],
         [accepted("TLS 1.3", how="decrypted", **FIVE)], ("openssl",),
         options=KEYS + ["tls13-later.keys"], files={"tls13-later.keys": "later.keys"},
         server_says="c\n", pause_s=1.0),

    Case("hello-ca-names.pcap",
         "A client that itself names five CAs (extension 47 of its ClientHello).",
         [(443, SERVE + "-tls1_3 -Verify 3 -CAfile five.pem")],
         [CALL + "-cert good.pem -key ec.key -requestCAfile five.pem"],
         [connection("TLS 1.3", "yes", "certificate", "REQUEST_HIDDEN_TLS13", hello_ca_names=5)],
         ("openssl",)),

    Case("nginx.pcap", "nginx asks, curl has none: HTTP 400, 'No required SSL certificate'.",
         [NGINX], ["curl -sk https://192.0.2.20/"],
         [connection("TLS 1.2", "yes", "empty", "CLIENT_SENT_NONE", established="yes", **FIVE)],
         ("nginx", "curl"), printed=("No required SSL certificate was sent",)),

    Case("ipv6-h2.pcap", "IPv6, HTTP/2 by ALPN, times in nanoseconds.",
         [NGINX], ["curl -sk --cert good.pem --key ec.key https://[2001:db8::20]:8443/"],
         [accepted(alpn=["h2", "http/1.1"], **FIVE)], ("nginx", "curl"), precision="nano",
         printed=("welcome",)),

    Case("stunnel.pcap", "stunnel with verifyChain and a client of one of its CAs.",
         [(992, "stunnel stunnel.conf")],
         ["openssl s_client -connect 192.0.2.20:992 -cert good.pem -key ec.key"],
         [accepted(**FIVE)], ("stunnel4", "openssl"), printed=("welcome",)),
]
