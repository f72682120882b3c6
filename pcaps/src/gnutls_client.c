/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest GnuTLS client with a certificate:
 *     gnutls_client ADDRESS PORT PRIORITY CERTIFICATE KEY
 * The library alone decides, by the server's list, whether the certificate is sent (gnutls-cli
 * sends it always).
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static int call(const char *address, const char *port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    inet_pton(AF_INET, address, &to.sin_addr);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
    }
    return fd;
}

int main(int argc, char **argv)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;

    if (argc != 6) {
        return 2;
    }
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_certificate_set_x509_key_file(credentials, argv[4], argv[5], GNUTLS_X509_FMT_PEM);
    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(session, argv[3], NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_server_name_set(session, GNUTLS_NAME_DNS, "www.example.at", 14);
    int fd = call(argv[1], argv[2]);
    gnutls_transport_set_int(session, fd);

    int result = 0;
    do {
        result = gnutls_handshake(session);
    } while (result < 0 && !gnutls_error_is_fatal(result));
    printf("client: %s\n", gnutls_strerror(result));
    if (result == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        printf("client: alert %s\n", gnutls_alert_get_name(gnutls_alert_get(session)));
    } else if (result == 0) {
        gnutls_bye(session, GNUTLS_SHUT_RDWR);
    }
    close(fd);
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    return 0;
}
