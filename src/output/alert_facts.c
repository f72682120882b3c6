/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "output/alert_facts.h"

#include "output/format.h"

/* Signatures are sentences; a name in one has its own, smaller cap. */
#define VALUE_MAX 65536

/* A fact that is being made. */
struct fact {
    struct cas_buf *out;
    struct cas_buf value;
    cas_alert_put *put;
};

static void end_fact(struct fact *fact, const char *key)
{
    if (!cas_buf_ok(&fact->value)) {
        fact->out->failed = true;
    } else {
        fact->put(fact->out, key, cas_buf_view(&fact->value));
    }
    cas_buf_clear(&fact->value);
}

static void put_text(struct fact *fact, const char *key, const char *text)
{
    if (text != NULL) {
        cas_format_text(&fact->value, text);
        end_fact(fact, key);
    }
}

static void put_number(struct fact *fact, const char *key, uint64_t number)
{
    cas_format_u64(&fact->value, number);
    end_fact(fact, key);
}

static void put_list(struct fact *fact, const struct cas_ca_list_info *list)
{
    put_number(fact, "ca_bytes", list->bytes);
    put_number(fact, "ca_names", list->count);
    put_text(fact, "verdict", cas_truncation_name(list->truncation));
    put_text(fact, "headroom", cas_headroom_name(list->headroom));
    if (list->limit_name != NULL) {
        put_text(fact, "limit", list->limit_name);
        put_number(fact, "limit_bytes", list->limit_bytes);
        put_number(fact, "limit_percent", list->limit_percent);
    }
    if (list->store != NULL) {
        put_number(fact, "missing", list->store->missing_count);
    }
    cas_buf_append_hex(&fact->value, (struct cas_view){ list->sha256, sizeof(list->sha256) });
    end_fact(fact, "ca_sha256");
}

/* Of an encrypted request: what is true of it in any case. */
static void put_size(struct fact *fact, const struct cas_request_size *size)
{
    put_number(fact, "request_bytes_min", size->least);
    put_number(fact, "request_bytes_max", size->most);
    if (size->limit_name != NULL) {
        put_text(fact, "headroom", cas_headroom_name(size->headroom_least));
        put_text(fact, "limit", size->limit_name);
        put_number(fact, "limit_bytes", size->limit_bytes);
        put_number(fact, "limit_percent", size->limit_percent_least);
    }
}

void cas_alert_facts(struct cas_buf *out, const struct cas_alert_event *event,
                     cas_alert_put *put)
{
    struct fact fact = { .out = out, .value = cas_buf_init(VALUE_MAX, NULL), .put = put };
    put_text(&fact, "cause", cas_alert_cause_name(event->cause));
    put_number(&fact, "signature_id", event->signature_id);
    if (event->head.dest.family != 0) {
        cas_format_endpoint(&fact.value, &event->head.dest);
        end_fact(&fact, "server");
    }
    put_text(&fact, "sni", event->sni);
    put_text(&fact, "tls", event->version);
    if (event->ca_list != NULL) {
        put_list(&fact, event->ca_list);
    }
    if (event->request_size != NULL) {
        put_text(&fact, "how", cas_how_name(event->how));
        put_size(&fact, event->request_size);
    }
    if (event->previous != NULL) {
        put_number(&fact, "previous_bytes", event->previous->bytes);
        put_number(&fact, "previous_names", event->previous->count);
    }
    if (event->diagnosis != NULL) {
        put_text(&fact, "diagnosis", cas_diagnosis_name(event->diagnosis->code));
    }
    put_text(&fact, "sensor", event->head.sensor_name);
    put_text(&fact, "iface", event->head.in_iface);
    put_text(&fact, "pcap", event->head.pcap_filename);
    put_number(&fact, "event_seq", event->head.seq);
    put_number(&fact, "occurrences", event->occurrences);
    put_number(&fact, "suppressed", event->suppressed);
    cas_buf_finish(&fact.value);
}

void cas_alert_sentence(struct cas_buf *out, const struct cas_alert_event *event)
{
    if (event->head.dest.family != 0) {
        cas_format_endpoint(out, &event->head.dest);
        if (event->sni != NULL) {
            cas_buf_append_u8(out, ' ');
            cas_format_text(out, event->sni);
        }
        cas_buf_append_text(out, ": ");
    }
    cas_format_text(out, event->signature);
}

unsigned cas_alert_priority(const struct cas_alert_event *event)
{
    static const unsigned priorities[] = {
        [CAS_SEVERITY_INFO] = 6,
        [CAS_SEVERITY_WARNING] = 4,
        [CAS_SEVERITY_ERROR] = 3,
    };
    return priorities[event->severity];
}
