/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/hello_insides.h"

#include "bytes/reader.h"
#include "tls/extensions.h"

/* A bit for each type of extension that is looked into. */
enum inside {
    INSIDE_GROUPS = 1,
    INSIDE_FORMATS = 2,
    INSIDE_ALGORITHMS = 4,
    INSIDE_PROTOCOLS = 8,
    INSIDE_VERSIONS = 16
};

static unsigned inside_of(uint16_t type)
{
    switch (type) {
    case CAS_EXTENSION_SUPPORTED_GROUPS:
        return INSIDE_GROUPS;
    case CAS_EXTENSION_EC_POINT_FORMATS:
        return INSIDE_FORMATS;
    case CAS_EXTENSION_SIGNATURE_ALGORITHMS:
        return INSIDE_ALGORITHMS;
    case CAS_EXTENSION_ALPN:
        return INSIDE_PROTOCOLS;
    case CAS_EXTENSION_SUPPORTED_VERSIONS:
        return INSIDE_VERSIONS;
    default:
        return 0;
    }
}

static void look_into(struct cas_hello_insides *insides, unsigned inside, struct cas_view data)
{
    switch (inside) {
    case INSIDE_GROUPS:
        insides->groups = cas_extension_vec16(data);
        break;
    case INSIDE_FORMATS:
        insides->formats = cas_extension_vec8(data);
        break;
    case INSIDE_ALGORITHMS:
        insides->algorithms = cas_extension_vec16(data);
        break;
    case INSIDE_PROTOCOLS:
        insides->protocol = cas_extension_vec8(cas_extension_vec16(data));
        break;
    case INSIDE_VERSIONS:
        insides->version = cas_extension_highest_version(data);
        break;
    default:
        break;
    }
}

struct cas_hello_insides cas_hello_insides_of(const struct cas_client_hello *hello)
{
    struct cas_reader list = cas_reader_init(hello->extensions);
    struct cas_extension extension = { 0 };
    struct cas_hello_insides insides = { .version = hello->version };
    unsigned seen = 0;

    while (cas_extension_next(&list, &extension)) {
        unsigned inside = inside_of(extension.type);
        insides.has_name |= extension.type == CAS_EXTENSION_SERVER_NAME;
        if ((inside & ~seen) != 0) {
            seen |= inside;
            look_into(&insides, inside, extension.data);
        }
    }
    return insides;
}
