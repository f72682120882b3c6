/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GnuTLS as a client whose library alone decides whether a certificate is sent:
 *     peer_gnutls PORT CERT|none KEY PRIORITY
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    struct sockaddr_in to = { .sin_family = AF_INET };
    char response[1024];
    int result;

    if (argc != 5) {
        return 2;
    }
    to.sin_port = htons((uint16_t)atoi(argv[1]));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
        return 1;
    }
    gnutls_certificate_allocate_credentials(&credentials);
    if (strcmp(argv[2], "none") != 0) {
        gnutls_certificate_set_x509_key_file(credentials, argv[2], argv[3],
                                             GNUTLS_X509_FMT_PEM);
    }
    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(session, argv[4], NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_server_name_set(session, GNUTLS_NAME_DNS, "www.example.at", 14);
    gnutls_transport_set_int(session, fd);
    do {
        result = gnutls_handshake(session);
    } while (result < 0 && !gnutls_error_is_fatal(result));
    if (result == 0) {
        gnutls_record_send(session, "GET / HTTP/1.0\r\n\r\n", 18);
        while (gnutls_record_recv(session, response, sizeof(response)) > 0) {
        }
        gnutls_bye(session, GNUTLS_SHUT_WR);
    } else {
        printf("client: %s\n", gnutls_strerror(result));
    }
    close(fd);
    return 0;
}
