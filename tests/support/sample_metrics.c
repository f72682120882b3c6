/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample_metrics: writes metrics with every kind of sample, of more servers than have names,
 * with hostile names, to standard output, for tests/integration/check_metrics.py.
 */
#include <stdio.h>
#include <stdlib.h>

#include "output/metrics.h"
#include "support/events.h"

#define SERVERS 250

static void take_servers(struct cas_metrics_servers *servers)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        struct cas_server_event event = *sample_server(SAMPLE_RICH);
        event.head.dest.port = (uint16_t)(1000 + i);
        event.sni = i % 2 == 0 ? "\\\"\n{},=\x1b[31m\xff\xe2\x80\xae" : "www.example.at";
        cas_metrics_servers_take(servers, &event);
        event.last_us++;
        cas_metrics_servers_take(servers, &event); /* again, with another list */
    }
}

int main(void)
{
    const struct cas_metrics_iface ifaces[] = {
        { "eth0", true, UINT64_MAX, UINT64_MAX, UINT64_MAX },
        { "br\"0\\", false, 0, 0, 0 },
    };
    const struct cas_metrics_output outputs[] = {
        { "standard output", UINT64_MAX, UINT64_MAX, UINT64_MAX },
        { "/var/log/\xff\n.json", 0, 0, 0 },
    };
    const struct cas_metrics_facts facts = {
        .start_us = UINT64_MAX,
        .memory_limit_bytes = UINT64_MAX,
        .ifaces = ifaces,
        .ifaces_len = sizeof(ifaces) / sizeof(ifaces[0]),
        .outputs = outputs,
        .outputs_len = sizeof(outputs) / sizeof(outputs[0]),
    };
    struct cas_metrics_servers servers = { 0 };
    struct cas_buf out = cas_buf_init(SIZE_MAX, NULL);
    take_servers(&servers);
    cas_metrics_put(&out, sample_stats(SAMPLE_RICH)->counters, &facts, &servers);
    bool is_good = cas_buf_ok(&out) && fwrite(out.data, 1, out.len, stdout) == out.len &&
                   fflush(stdout) == 0;
    cas_metrics_servers_finish(&servers);
    cas_buf_finish(&out);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
