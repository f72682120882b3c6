/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "integration/crowd.h"

#include <string.h>

/* Ports that no recording has, so many apart for each time. */
#define FIRST_PORT 2000
#define PORTS_EACH 100

static uint16_t port_of(const struct recorded_connection *c, size_t time)
{
    size_t port = FIRST_PORT + time * PORTS_EACH + c->port[0] % PORTS_EACH;
    return time == 0 ? c->port[0] : (uint16_t)port;
}

static struct wire_packet moved(const struct recorded_connection *c,
                                const struct wire_packet *packet, size_t time)
{
    struct wire_packet p = wire_copy(packet);
    unsigned end = recorded_sender(c, packet);
    uint8_t address[16];
    memcpy(address, wire_address(&p, end), p.family == 4 ? 4 : 16);
    wire_set_end(&p, end, address, port_of(c, time));
    wire_seal(&p);
    return p;
}

static void add_connections(struct recording *crowd, const struct recording *recording,
                            size_t time)
{
    for (size_t i = 0; i < recording->connections; i++) {
        struct recorded_connection *own = &crowd->connection[time * recording->connections + i];
        *own = recording->connection[i];
        own->row = (struct wire_row){ 0 };
        own->port[0] = port_of(&recording->connection[i], time);
    }
}

struct recording *crowd_of(const struct recording *recording, size_t times)
{
    struct recording *crowd = wire_alloc(sizeof(*crowd));
    *crowd = (struct recording){ .link_type = recording->link_type };
    crowd->connections = recording->connections * times;
    crowd->connection = wire_alloc(crowd->connections * sizeof(*crowd->connection));
    crowd->connection_of = wire_alloc(recording->row.len * times * sizeof(size_t));
    for (size_t time = 0; time < times; time++) {
        add_connections(crowd, recording, time);
    }
    for (size_t i = 0; i < recording->row.len * times; i++) {
        const struct wire_packet *p = &recording->row.packet[i / times];
        size_t of = recording->connection_of[i / times];
        if (of == SIZE_MAX) {
            crowd->connection_of[i] = SIZE_MAX;
            wire_row_add(&crowd->row, wire_copy(p));
            continue;
        }
        crowd->connection_of[i] = i % times * recording->connections + of;
        struct wire_packet own = moved(&recording->connection[of], p, i % times);
        wire_row_add(&crowd->connection[crowd->connection_of[i]].row, wire_copy(&own));
        wire_row_add(&crowd->row, own);
    }
    return crowd;
}
