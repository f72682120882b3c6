/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target: cas_state_read, cas_sniffer_state_load and _save. The first byte chooses: the bytes
 * as they are, or as the lines of a state with the right checksum. What is read is saved again
 * as a state that is read; what is refused says why.
 */
#include <stdlib.h>

#include <casniff/sniffer.h>
#include <casniff/state.h>

#include "bytes/buf.h"
#include "bytes/digest.h"
#include "bytes/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_server(void *user, const struct cas_state_server *server)
{
    size_t *servers = user;
    (*servers)++;
    if (server->alerts->told_len > CAS_STATE_TOLD_MAX ||
        (server->endpoint.family != 4 && server->endpoint.family != 6)) {
        abort();
    }
}

static int append_piece(void *user, struct cas_view text)
{
    cas_buf_append(user, text);
    return 0;
}

/* Loads it, saves it, and reads that; the sniffer keeps each server once. */
static void check_again(struct cas_view text, size_t servers)
{
    struct cas_sniffer_config config = cas_sniffer_defaults();
    config.max_flows = 16;
    config.hash_key[0] = 1;
    struct cas_sniffer *sniffer = cas_sniffer_create(&config);
    struct cas_buf saved = cas_buf_init(CAS_STATE_MAX, NULL);
    size_t again = 0;
    if (sniffer == NULL || cas_sniffer_state_load(sniffer, text, NULL) != CAS_OK ||
        cas_sniffer_state_save(sniffer, 1, append_piece, &saved) != 0 ||
        cas_state_read(cas_buf_view(&saved), check_server, &again, NULL) != CAS_OK ||
        again > servers) {
        abort();
    }
    cas_buf_finish(&saved);
    cas_sniffer_destroy(sniffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cas_reader r = cas_reader_init(cas_view_of(data, size));
    bool is_framed = cas_reader_u8(&r) % 2 == 1;
    struct cas_buf text = cas_buf_init(1u << 24, NULL);
    cas_buf_append_text(&text, is_framed ? "casniff-state 1\n" : "");
    cas_buf_append(&text, cas_reader_rest(&r));
    if (is_framed) {
        uint8_t digest[CAS_SHA256_BYTES];
        cas_sha256(cas_buf_view(&text), digest);
        cas_buf_append_text(&text, "sha256\t");
        cas_buf_append_hex(&text, cas_view_of(digest, sizeof(digest)));
        cas_buf_append_text(&text, "\n");
    }
    size_t servers = 0;
    struct cas_error error = { 0 };
    enum cas_err err = cas_state_read(cas_buf_view(&text), check_server, &servers, &error);
    if ((err != CAS_OK) != (error.text[0] != '\0') || (err != CAS_OK && servers > 0)) {
        abort();
    }
    if (err == CAS_OK) {
        check_again(cas_buf_view(&text), servers);
    }
    cas_buf_finish(&text);
    return 0;
}
