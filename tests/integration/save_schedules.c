/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes many lossless schedules of one recording into one capture, each with a client address
 * of its own: for others to read.
 *
 *     save_schedules OUTPUT COUNT SEED CAPTURE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "integration/schedule.h"

#define EACH_US UINT64_C(200000000)

/* What others put together as well, whatever they make of an early FIN. */
#define KINDS                                                                                  \
    ((unsigned)(SCHEDULE_SPLIT | SCHEDULE_MERGE | SCHEDULE_ORDER | SCHEDULE_MIX |              \
                SCHEDULE_DUP | SCHEDULE_FRAGMENT))

/* 10.9.0.0/16, or 2001:db8:9::/112 */
static void client_address(uint8_t family, unsigned long number, uint8_t address[16])
{
    memset(address, 0, 16);
    if (family == 4) {
        wire_put32(address, 0x0a090000 | (uint32_t)(number & 0xffff));
        return;
    }
    wire_put32(address, 0x20010db8);
    wire_put16(address + 4, 9);
    wire_put16(address + 14, (uint32_t)(number & 0xffff));
}

static void move_client(struct recorded_connection *c, unsigned long number)
{
    uint8_t address[16];
    client_address(c->family, number, address);
    for (size_t i = 0; i < c->row.len; i++) {
        struct wire_packet *p = &c->row.packet[i];
        wire_set_end(p, recorded_sender(c, p) == 0 ? 0 : 1, address, c->port[0]);
        wire_seal(p);
    }
    memcpy(c->address[0], address, sizeof(address));
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fputs("usage: save_schedules OUTPUT COUNT SEED CAPTURE\n", stderr);
        return 2;
    }
    struct recording *recording = recording_load(argv[4]);
    if (recording == NULL) {
        return EXIT_FAILURE;
    }
    unsigned long count = strtoul(argv[2], NULL, 10);
    unsigned long seed = strtoul(argv[3], NULL, 10);
    FILE *file = wire_file_create(argv[1], recording->link_type);
    for (unsigned long n = 0; n < count; n++) {
        for (size_t c = 0; c < recording->connections; c++) {
            move_client(&recording->connection[c], n);
        }
        struct schedule s =
            schedule_random(recording, seed + n, schedule_choose(seed + n, KINDS));
        for (size_t i = 0; i < s.row.len; i++) {
            s.row.packet[i].time_us += n * EACH_US;
            wire_file_add(file, &s.row.packet[i]);
        }
        schedule_finish(&s);
    }
    recording_destroy(recording);
    return fclose(file) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
