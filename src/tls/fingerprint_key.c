/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/fingerprint_key.h"

#include "bytes/reader.h"
#include "tls/extensions.h"
#include "tls/hello_insides.h"

/* One of GREASE, which no fingerprint shows: it ends a vector of numbers. */
#define END_OF_NUMBERS 0x0a0a

static void append_u16(struct cas_buf *out, uint16_t number)
{
    const uint8_t bytes[] = { (uint8_t)(number >> 8), (uint8_t)number };
    cas_buf_append(out, cas_view_of(bytes, sizeof(bytes)));
}

static void append_numbers(struct cas_buf *out, struct cas_view numbers)
{
    struct cas_reader r = cas_reader_init(numbers);

    while (cas_reader_left(&r) > 1) {
        uint16_t number = cas_reader_u16(&r);
        if (!cas_extension_is_grease(number)) {
            append_u16(out, number);
        }
    }
    append_u16(out, END_OF_NUMBERS);
}

static void append_types(struct cas_buf *out, struct cas_view extensions)
{
    struct cas_reader r = cas_reader_init(extensions);
    struct cas_extension extension = { 0 };

    while (cas_extension_next(&r, &extension)) {
        if (!cas_extension_is_grease(extension.type)) {
            append_u16(out, extension.type);
        }
    }
    append_u16(out, END_OF_NUMBERS);
}

void cas_fingerprint_client_key(const struct cas_client_hello *hello, struct cas_buf *out_key)
{
    const struct cas_hello_insides insides = cas_hello_insides_of(hello);

    cas_buf_append_u8(out_key, 'c');
    append_u16(out_key, hello->version);
    append_u16(out_key, insides.version);
    cas_buf_append_u8(out_key, insides.has_name);
    cas_buf_append_u8(out_key, (uint8_t)insides.protocol.len); /* of a u8 vector */
    cas_buf_append(out_key, insides.protocol);
    append_numbers(out_key, hello->ciphers);
    append_types(out_key, hello->extensions);
    append_numbers(out_key, insides.groups);
    append_numbers(out_key, insides.algorithms);
    cas_buf_append(out_key, insides.formats); /* the last one: its end is the key's */
}

void cas_fingerprint_server_key(const struct cas_server_hello *hello, struct cas_buf *out_key)
{
    cas_buf_append_u8(out_key, 's');
    append_u16(out_key, hello->legacy_version);
    append_u16(out_key, hello->cipher);
    append_types(out_key, hello->extensions);
}
