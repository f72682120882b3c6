/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest TLS 1.2 server of mbedTLS 2.28 that asks for a client certificate:
 *     mbedtls_server ADDRESS PORT CERTIFICATE KEY TRUST_STORE
 * It serves one connection, and its list of CAs ends where its output buffer does.
 */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdio.h>

static void use(int result, const char *what)
{
    if (result != 0) {
        printf("%s: -0x%04x\n", what, (unsigned)-result);
    }
}

int main(int argc, char **argv)
{
    mbedtls_net_context listener, peer;
    mbedtls_x509_crt own, trusted;
    mbedtls_pk_context key;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_ssl_config config;
    mbedtls_ssl_context ssl;

    if (argc != 6) {
        return 2;
    }
    mbedtls_net_init(&listener);
    mbedtls_net_init(&peer);
    mbedtls_x509_crt_init(&own);
    mbedtls_x509_crt_init(&trusted);
    mbedtls_pk_init(&key);
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&random);
    mbedtls_ssl_config_init(&config);
    mbedtls_ssl_init(&ssl);

    use(mbedtls_ctr_drbg_seed(&random, mbedtls_entropy_func, &entropy, NULL, 0), "seed");
    use(mbedtls_x509_crt_parse_file(&own, argv[3]), "certificate");
    use(mbedtls_pk_parse_keyfile(&key, argv[4], NULL), "key");
    use(mbedtls_x509_crt_parse_file(&trusted, argv[5]), "trust store");
    use(mbedtls_ssl_config_defaults(&config, MBEDTLS_SSL_IS_SERVER,
                                    MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT),
        "defaults");
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &random);
    use(mbedtls_ssl_conf_own_cert(&config, &own, &key), "own certificate");
    mbedtls_ssl_conf_ca_chain(&config, &trusted, NULL);
    mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
    use(mbedtls_ssl_setup(&ssl, &config), "setup");

    use(mbedtls_net_bind(&listener, argv[1], argv[2], MBEDTLS_NET_PROTO_TCP), "bind");
    use(mbedtls_net_accept(&listener, &peer, NULL, 0, NULL), "accept");
    mbedtls_ssl_set_bio(&ssl, &peer, mbedtls_net_send, mbedtls_net_recv, NULL);
    use(mbedtls_ssl_handshake(&ssl), "handshake");
    mbedtls_ssl_close_notify(&ssl);
    mbedtls_net_free(&peer);
    return 0;
}
