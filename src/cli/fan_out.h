/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One sink that tells every event to several. */
#ifndef CAS_CLI_FAN_OUT_H
#define CAS_CLI_FAN_OUT_H

#include <stddef.h>

#include <casniff/events.h>

struct cas_cli_fan_out {
    struct cas_sink *sinks;
    size_t sinks_len;
};

/* Copies the sink; 0 or ENOMEM. It hears events in the order in which sinks were added. */
int cas_cli_fan_out_add(struct cas_cli_fan_out *fan_out, const struct cas_sink *sink);

/* Valid as long as the fan-out; sinks may still be added. */
struct cas_sink cas_cli_fan_out_sink(struct cas_cli_fan_out *fan_out);

void cas_cli_fan_out_finish(struct cas_cli_fan_out *fan_out);

#endif
