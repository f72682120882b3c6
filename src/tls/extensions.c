/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tls/extensions.h"

#include "tls/conversation.h"

#define NAME_TYPE_HOST_NAME 0
#define DRAFT_OF_TLS13      0x7f

/* RFC 5246, 7.4.1.4: u16 extension_type, u16 extension_data */
bool cas_extension_next(struct cas_reader *list, struct cas_extension *out_extension)
{
    if (cas_reader_left(list) == 0) {
        return false;
    }
    out_extension->type = cas_reader_u16(list);
    out_extension->data = cas_reader_vec16(list);
    return cas_reader_ok(list);
}

bool cas_extension_list_is_exact(struct cas_view list)
{
    struct cas_reader r = cas_reader_init(list);
    struct cas_extension extension = { 0 };

    while (cas_extension_next(&r, &extension)) {
    }
    return cas_reader_done(&r);
}

bool cas_extension_find(struct cas_view list, uint16_t type, struct cas_view *out_data)
{
    struct cas_reader r = cas_reader_init(list);
    struct cas_extension extension = { 0 };

    while (cas_extension_next(&r, &extension)) {
        if (extension.type == type) {
            *out_data = extension.data;
            return true;
        }
    }
    return false;
}

/* RFC 6066, 3: u16 server_name_list, each u8 name_type, u16 host_name */
struct cas_view cas_extension_host_name(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(cas_extension_vec16(data));

    while (cas_reader_left(&r) > 0) {
        uint8_t type = cas_reader_u8(&r);
        struct cas_view name = cas_reader_vec16(&r);
        if (cas_reader_ok(&r) && type == NAME_TYPE_HOST_NAME) {
            return name;
        }
    }
    return (struct cas_view){ 0 };
}

struct cas_view cas_extension_vec8(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(data);
    return cas_reader_vec8(&r);
}

struct cas_view cas_extension_vec16(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(data);
    return cas_reader_vec16(&r);
}

uint16_t cas_extension_final_version(uint16_t version)
{
    return version >> 8 == DRAFT_OF_TLS13 ? CAS_TLS_VERSION_TLS13 : version;
}

/* RFC 8446, 4.2.1: u8 versions, u16 each */
uint16_t cas_extension_highest_version(struct cas_view data)
{
    struct cas_reader r = cas_reader_init(cas_extension_vec8(data));
    uint16_t highest = 0;

    while (cas_reader_left(&r) > 0) {
        uint16_t version = cas_extension_final_version(cas_reader_u16(&r));
        if (!cas_extension_is_grease(version) && version > highest) {
            highest = version;
        }
    }
    return highest;
}
