/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wolfSSL in both roles, TLS 1.3:
 *     peer_wolfssl server PORT CERT KEY none|empty|CAS.pem CIPHER
 *     peer_wolfssl client PORT CERT|none KEY CIPHER
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

static int accept_all(int preverify, WOLFSSL_X509_STORE_CTX *store)
{
    (void)preverify;
    (void)store;
    return 1;
}

static struct sockaddr_in address_of(const char *port)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return to;
}

static WOLFSSL_CTX *context(WOLFSSL_METHOD *method, char **argv, const char *cipher)
{
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(method);
    if (strcmp(argv[0], "none") != 0 &&
        (wolfSSL_CTX_use_certificate_chain_file(ctx, argv[0]) != WOLFSSL_SUCCESS ||
         wolfSSL_CTX_use_PrivateKey_file(ctx, argv[1], WOLFSSL_FILETYPE_PEM) !=
             WOLFSSL_SUCCESS)) {
        fprintf(stderr, "cannot use the certificate\n");
        exit(1);
    }
    if (wolfSSL_CTX_set_cipher_list(ctx, cipher) != WOLFSSL_SUCCESS) {
        fprintf(stderr, "unknown cipher\n");
        exit(1);
    }
    return ctx;
}

static void serve(char **argv)
{
    struct sockaddr_in at = address_of(argv[2]);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int on = 1;
    WOLFSSL_CTX *ctx = context(wolfTLSv1_3_server_method(), argv + 3, argv[6]);

    if (strcmp(argv[5], "none") != 0) {
        wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, accept_all);
    }
    if (strstr(argv[5], ".pem") != NULL) {
        wolfSSL_CTX_load_verify_locations(ctx, argv[5], NULL);
        wolfSSL_CTX_set_client_CA_list(ctx, wolfSSL_load_client_CA_file(argv[5]));
    }
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(listener, 8) != 0) {
        perror("listen");
        exit(1);
    }
    for (;;) {
        char request[1024];
        static const char response[] = "HTTP/1.0 200 OK\r\n\r\nhello\n";
        int fd = accept(listener, NULL, NULL);
        WOLFSSL *ssl = wolfSSL_new(ctx);
        wolfSSL_set_fd(ssl, fd);
        if (wolfSSL_read(ssl, request, sizeof(request)) > 0) {
            wolfSSL_write(ssl, response, (int)strlen(response));
            wolfSSL_shutdown(ssl);
        } else {
            printf("server: %d\n", wolfSSL_get_error(ssl, -1));
            fflush(stdout);
        }
        wolfSSL_free(ssl);
        close(fd);
    }
}

static void call(char **argv)
{
    struct sockaddr_in to = address_of(argv[2]);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    WOLFSSL_CTX *ctx = context(wolfTLSv1_3_client_method(), argv + 3, argv[5]);
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    char response[1024];

    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_NONE, NULL);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        perror("connect");
        exit(1);
    }
    WOLFSSL *ssl = wolfSSL_new(ctx);
    wolfSSL_set_fd(ssl, fd);
    if (wolfSSL_write(ssl, request, (int)strlen(request)) <= 0) {
        printf("client: %d\n", wolfSSL_get_error(ssl, -1));
    }
    while (wolfSSL_read(ssl, response, sizeof(response)) > 0) {
    }
    wolfSSL_shutdown(ssl);
    close(fd);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    wolfSSL_Init();
    if (argc == 7 && strcmp(argv[1], "server") == 0) {
        serve(argv);
    } else if (argc == 6 && strcmp(argv[1], "client") == 0) {
        call(argv);
    }
    return 2;
}
