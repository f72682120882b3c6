/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "support/events.h"

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* A terminal sequence, a quote, a right-to-left override, a byte that is no UTF-8, a formula's
 * start. */
#define HOSTILE "=\x1b[31m\"\r\n\xe2\x80\xae\xff\xf3\xa0\x81\x81,\\"

#define CLIENT                                                                                 \
    {                                                                                          \
        .family = 4, .address = { 10, 0, 0, 1 }, .port = 40000                                 \
    }
#define SERVER                                                                                 \
    {                                                                                          \
        .family = 4, .address = { 10, 0, 0, 2 }, .port = 443                                   \
    }
/* 2001:db8::1 */
#define SERVER6                                                                                \
    {                                                                                          \
        .family = 6, .address = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, .port = 8443             \
    }

/* 2026-11-23 10:31:07.123456 UTC */
#define WHEN_US UINT64_C(1795429867123456)

/* 17 packets into dmz.pcap, behind two VLAN tags. */
static const struct cas_event_head rich_head = {
    .timestamp_us = WHEN_US,
    .seq = 7,
    .frame = 17,
    .sensor_name = "web1",
    .in_iface = "eth0",
    .pcap_filename = "dmz.pcap",
    .flow_id = UINT64_C(9007199254740991),
    .community_id = "1:abcdefghijklmnopqrstuvwxyz0=",
    .src = CLIENT,
    .dest = SERVER,
    .vlan = { 12, 100 },
    .vlan_len = 2,
};
static const struct cas_event_head minimal_head = { .seq = 1 };
static const struct cas_event_head hostile_head = {
    .timestamp_us = UINT64_MAX,
    .seq = UINT64_MAX,
    .sensor_name = HOSTILE,
    .pcap_filename = HOSTILE,
    .src = SERVER6,
    .dest = SERVER6,
};

static const char *const strings[] = { "h2", "http/1.1" };
static const char *const hostile_strings[] = { HOSTILE, "", HOSTILE HOSTILE };

static const struct cas_cert_info rich_cert = {
    .subject = "CN=alice,O=Example",
    .issuer = "CN=Root 134,O=Example",
    .serial = "01ff",
    .not_before = "2026-01-01T00:00:00Z",
    .not_after = "2027-01-01T00:00:00Z",
    .not_before_s = 1767225600,
    .not_after_s = 1798761600,
    .sha256 = { 0xab, 0xcd },
    .size = 700,
    .san = strings,
    .san_len = LEN(strings),
    .key_type = "EC",
    .key_bits = 256,
    .key_curve = "P-256",
    .sig_alg = "ecdsa-with-SHA256",
    .is_ca = true,
    .eku = strings,
    .eku_len = LEN(strings),
    .note = "a note",
};
static const struct cas_cert_info minimal_cert = { .size = 1 };
static const struct cas_cert_info hostile_cert = {
    .subject = HOSTILE,
    .issuer = HOSTILE,
    .san = hostile_strings,
    .san_len = LEN(hostile_strings),
    .note = HOSTILE,
};
static const struct cas_cert_info *const rich_certs[] = { &rich_cert, &minimal_cert };
static const struct cas_cert_info *const hostile_certs[] = { &hostile_cert };

static const struct cas_alert_info alerts[] = {
    { CAS_SIDE_CLIENT, "warning", "no_certificate", 41 },
    { CAS_SIDE_SERVER, "fatal", "handshake_failure", 40 },
    { CAS_SIDE_SERVER, NULL, NULL, 200 },
};

static const struct cas_diagnosis diagnosis[] = {
    { CAS_DIAGNOSIS_ISSUER_CUT_OFF, CAS_SEVERITY_ERROR,
      "The client's issuer is trusted but fell off the list." },
    { CAS_DIAGNOSIS_CLIENT_SENT_NONE, CAS_SEVERITY_WARNING, "No certificate was sent." },
};
static const struct cas_diagnosis hostile_diagnosis[] = {
    { CAS_DIAGNOSIS_OK, CAS_SEVERITY_INFO, HOSTILE },
};

static const struct cas_name_info names[] = {
    { "CN=Root 1", 20, CAS_IN_STORE_YES, { 0 } },
    { "CN=Root 2", 20, CAS_IN_STORE_NO, { 0 } },
    { "CN=Root 3", 20, CAS_IN_STORE_OTHER_ENCODING, { 0 } },
    { "CN=Root 4", 20, CAS_IN_STORE_YES, { 0 } },
    { "CN=Root 5", 20, CAS_IN_STORE_YES, { 0 } },
    { "CN=Root 6", 20, CAS_IN_STORE_YES, { 0 } },
    { "CN=Root 7", 20, CAS_IN_STORE_YES, { 0 } },
    { "CN=Root 8", 20, CAS_IN_STORE_YES, { 0 } },
    { "", 2, CAS_IN_STORE_UNKNOWN, { 0 } },
};
static const struct cas_name_info hostile_names[] = {
    { HOSTILE, 20, CAS_IN_STORE_UNKNOWN, { 0 } },
};
static const struct cas_missing_info missing[] = {
    { "CN=Root 134", 22, NULL },
    { "CN=Root 135", 22, "expired" },
};
static const char *const extra[] = { "CN=Root 2" };
static const struct cas_missing_info hostile_missing[] = { { HOSTILE, 1, HOSTILE } };

static const struct cas_store_info rich_store = {
    .names = 10,
    .advertised = 8,
    .missing_count = LEN(missing),
    .extra_count = LEN(extra),
    .is_ordered_prefix = true,
    .first_missing = "CN=Root 134",
    .missing = missing,
    .extra = extra,
};
static const struct cas_store_info hostile_store = {
    .names = 1,
    .missing_count = LEN(hostile_missing),
    .extra_count = LEN(hostile_strings),
    .first_missing = HOSTILE,
    .missing = hostile_missing,
    .extra = hostile_strings,
};

static const struct cas_lint_info lint[] = {
    { CAS_LINT_EMPTY_NAME, 8, "The name is empty." },
    { CAS_LINT_TRAILING_BYTES, SIZE_MAX, "3 bytes follow the list." },
};
static const struct cas_lint_info hostile_lint[] = {
    { CAS_LINT_MALFORMED_NAME, 0, HOSTILE },
};

static const struct cas_ca_list_info rich_list = {
    .count = LEN(names),
    .bytes = 16301,
    .declared_bytes = 16302,
    .message_bytes = 16340,
    .records = 2,
    .sha256 = { 1 },
    .set_sha256 = { 2 },
    .certificate_types = strings,
    .certificate_types_len = LEN(strings),
    .signature_algorithms = strings,
    .signature_algorithms_len = LEN(strings),
    .seen = CAS_SEEN_COMPLETE,
    .reasons = CAS_REASON_BIT(CAS_REASON_GAP) | CAS_REASON_BIT(CAS_REASON_FRAMING),
    .truncation = CAS_TRUNCATION_CONFIRMED,
    .verdict_text = "The server sent 8 of 10 names; the next one would not have fitted.",
    .limit_name = "schannel-16k",
    .limit_bytes = 16384,
    .limit_counted = 16301,
    .limit_percent = 99,
    .slack_bytes = -83,
    .room_for = 1,
    .headroom = CAS_HEADROOM_CRIT,
    .clients_refusing = strings,
    .clients_refusing_len = LEN(strings),
    .store = &rich_store,
    .names = names,
    .lint = lint,
    .lint_len = LEN(lint),
};
static const struct cas_ca_list_info minimal_list = { 0 };
static const struct cas_ca_list_info hostile_list = {
    .count = LEN(hostile_names),
    .certificate_types = hostile_strings,
    .certificate_types_len = LEN(hostile_strings),
    .seen = CAS_SEEN_MALFORMED,
    .reasons = CAS_REASON_BIT(CAS_REASONS) - 1,
    .verdict_text = HOSTILE,
    .limit_name = HOSTILE,
    .limit_bytes = 1,
    .limit_counted = UINT32_MAX,
    .limit_percent = UINT32_MAX,
    .slack_bytes = INT64_MIN,
    .headroom = CAS_HEADROOM_OVER,
    .store = &hostile_store,
    .names = hostile_names,
    .lint = hostile_lint,
    .lint_len = LEN(hostile_lint),
};

const struct cas_handshake_event *sample_handshake(enum sample sample)
{
    static struct cas_handshake_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_handshake_event){
        .head = rich_head,
        .tls = {
            .version = "TLS 1.2",
            .cipher = "TLS_RSA_WITH_AES_128_CBC_SHA",
            .sni = "www.example.at",
            .alpn = strings,
            .alpn_len = LEN(strings),
            .established = CAS_ESTABLISHED_NO,
            .ja3 = "00112233445566778899aabbccddeeff",
            .ja3s = "ffeeddccbbaa99887766554433221100",
            .ja4 = "t12d050600_aaaaaaaaaaaa_bbbbbbbbbbbb",
            .alerts = alerts,
            .alerts_len = LEN(alerts),
            .server_certs = rich_certs,
            .server_certs_len = LEN(rich_certs),
            .client_certs = rich_certs,
            .client_certs_len = LEN(rich_certs),
            .server_certs_left_out = 2,
            .client_certs_left_out = 1,
            .server_certs_incomplete = true,
            .client_certs_incomplete = true,
            .hello_ca_names = strings,
            .hello_ca_names_len = LEN(strings),
        },
        .client_auth = {
            .requested = CAS_REQUESTED_YES,
            .answer = CAS_ANSWER_EMPTY,
            .diagnosis = diagnosis,
            .diagnosis_len = LEN(diagnosis),
        },
        .ca_list = &rich_list,
    };
    events[SAMPLE_MINIMAL] = (struct cas_handshake_event){
        .head = minimal_head,
    };
    events[SAMPLE_HOSTILE] = (struct cas_handshake_event){
        .head = hostile_head,
        .tls = {
            .sni = HOSTILE,
            .alpn = hostile_strings,
            .alpn_len = LEN(hostile_strings),
            .client_certs = hostile_certs,
            .client_certs_len = LEN(hostile_certs),
        },
        .client_auth = {
            .diagnosis = hostile_diagnosis,
            .diagnosis_len = LEN(hostile_diagnosis),
        },
        .ca_list = &hostile_list,
    };
    return &events[sample];
}

const struct cas_ca_list_event *sample_ca_list(enum sample sample)
{
    static struct cas_ca_list_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_ca_list_event){
        .head = rich_head,
        .sni = "www.example.at",
        .ca_list = &rich_list,
    };
    events[SAMPLE_MINIMAL] = (struct cas_ca_list_event){
        .head = minimal_head,
        .ca_list = &minimal_list,
    };
    events[SAMPLE_HOSTILE] = (struct cas_ca_list_event){
        .head = hostile_head,
        .sni = HOSTILE,
        .ca_list = &hostile_list,
    };
    return &events[sample];
}

const struct cas_server_event *sample_server(enum sample sample)
{
    static const struct cas_failure_info failures[] = {
        { WHEN_US, 17, CLIENT, CAS_ANSWER_EMPTY, diagnosis, LEN(diagnosis), false },
        { WHEN_US, 18, CLIENT, CAS_ANSWER_EMPTY, &diagnosis[1], 1, true },
    };
    static const struct cas_failure_info hostile_failures[] = {
        { UINT64_MAX,
          0,
          { 0 },
          CAS_ANSWER_HIDDEN,
          hostile_diagnosis,
          LEN(hostile_diagnosis),
          false },
    };
    static struct cas_server_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_server_event){
        .head = { .timestamp_us = WHEN_US, .seq = 9, .dest = SERVER },
        .sni = "www.example.at",
        .version = "TLS 1.2",
        .first_us = WHEN_US,
        .last_us = WHEN_US + 1000000,
        .handshakes = 1234,
        .resumed = 2,
        .requested = { [CAS_REQUESTED_YES] = 1234 },
        .answers = { [CAS_ANSWER_EMPTY] = 3, [CAS_ANSWER_CERTIFICATE] = 1231 },
        .ca_list = &rich_list,
        .failures = failures,
        .failures_len = LEN(failures),
        .failures_count = 3,
        .doubtful_count = 2,
    };
    events[SAMPLE_MINIMAL] = (struct cas_server_event){
        .head = { .seq = 10, .dest = SERVER6 },
        .version = "TLS 1.3",
        .handshakes = 1,
        .requested = { [CAS_REQUESTED_HIDDEN] = 1 },
        .answers = { [CAS_ANSWER_HIDDEN] = 1 },
    };
    events[SAMPLE_HOSTILE] = (struct cas_server_event){
        .head = { .dest = SERVER6, .pcap_filename = HOSTILE },
        .sni = HOSTILE,
        .ca_list = &hostile_list,
        .failures = hostile_failures,
        .failures_len = LEN(hostile_failures),
        .failures_count = UINT64_MAX,
    };
    return &events[sample];
}

const struct cas_anomaly_event *sample_anomaly(enum sample sample)
{
    static struct cas_anomaly_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_anomaly_event){
        .head = rich_head,
        .code = "overlap",
        .text = "Bytes were sent twice, and differ.",
    };
    events[SAMPLE_MINIMAL] = (struct cas_anomaly_event){
        .head = minimal_head,
        .code = "overlap",
        .text = "",
    };
    events[SAMPLE_HOSTILE] = (struct cas_anomaly_event){
        .head = hostile_head,
        .code = "malformed_record",
        .text = HOSTILE,
    };
    return &events[sample];
}

const struct cas_stats_event *sample_stats(enum sample sample)
{
    static struct cas_counters counters[SAMPLES];
    static struct cas_stats_event events[SAMPLES];
    for (size_t i = 0; i < CAS_COUNTERS; i++) {
        counters[SAMPLE_RICH].value[i] = 1000 + i;
        counters[SAMPLE_HOSTILE].value[i] = UINT64_MAX;
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        events[i] = (struct cas_stats_event){ .head = minimal_head, .counters = &counters[i] };
    }
    return &events[sample];
}

const struct cas_plan_event *sample_plan(enum sample sample)
{
    static const struct cas_plan_cut cuts[] = {
        { "schannel-16k", 16384, 18000, 109, 8, "CN=Root 9", "The rest is not sent." },
        { "tls-vector", 65535, 18000, 27, 9, NULL, "No length can say it." },
    };
    static const struct cas_plan_cut hostile_cuts[] = {
        { HOSTILE, 1, UINT32_MAX, UINT32_MAX, 0, HOSTILE, HOSTILE },
    };
    static struct cas_plan_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_plan_event){
        .head = minimal_head,
        .entries = 10,
        .names = LEN(names),
        .bytes = 18000,
        .cuts = cuts,
        .cuts_len = LEN(cuts),
        .name = names,
    };
    events[SAMPLE_MINIMAL] = (struct cas_plan_event){ .head = minimal_head };
    events[SAMPLE_HOSTILE] = (struct cas_plan_event){
        .head = hostile_head,
        .names = LEN(hostile_names),
        .cuts = hostile_cuts,
        .cuts_len = LEN(hostile_cuts),
        .name = hostile_names,
    };
    return &events[sample];
}

const struct cas_alert_event *sample_alert(enum sample sample)
{
    static const struct cas_list_brief previous = { 405, 50003, { 3 }, { 4 } };
    static struct cas_alert_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_alert_event){
        .head = rich_head,
        .cause = CAS_ALERT_LIST_SHRANK,
        .severity = CAS_SEVERITY_ERROR,
        .signature_id = 6,
        .signature = "The CA list shrank from 405 names to 9.",
        .category = "TLS client authentication",
        .sni = "www.example.at",
        .version = "TLS 1.2",
        .ca_list = &rich_list,
        .previous = &previous,
        .diagnosis = diagnosis,
        .occurrences = 1000,
        .suppressed = 12,
    };
    events[SAMPLE_MINIMAL] = (struct cas_alert_event){
        .head = minimal_head,
        .cause = CAS_ALERT_LIST_NEAR_LIMIT,
        .signature_id = 1,
        .signature = "",
        .category = "",
    };
    events[SAMPLE_HOSTILE] = (struct cas_alert_event){
        .head = hostile_head,
        .cause = CAS_ALERT_CLIENT_CUT_OFF,
        .severity = CAS_SEVERITY_WARNING,
        .signature_id = 8,
        .signature = HOSTILE,
        .category = HOSTILE,
        .sni = HOSTILE,
        .version = HOSTILE,
        .ca_list = &hostile_list,
        .diagnosis = hostile_diagnosis,
        .occurrences = UINT64_MAX,
        .suppressed = UINT64_MAX,
    };
    return &events[sample];
}

const struct cas_capture_event *sample_capture(enum sample sample)
{
    static struct cas_capture_event events[SAMPLES];
    events[SAMPLE_RICH] = (struct cas_capture_event){
        .head = { .timestamp_us = WHEN_US, .seq = 3, .in_iface = "eth0" },
        .iface = "eth0",
        .state = CAS_IFACE_GONE,
        .text = "The interface does not exist any more.",
    };
    events[SAMPLE_MINIMAL] = (struct cas_capture_event){ .head = minimal_head };
    events[SAMPLE_HOSTILE] = (struct cas_capture_event){
        .head = hostile_head,
        .iface = HOSTILE,
        .state = CAS_IFACE_BACK,
        .text = HOSTILE,
    };
    return &events[sample];
}

/* The rich list again, an hour later. */
static struct cas_ca_list_event heartbeat(void)
{
    struct cas_ca_list_event event = *sample_ca_list(SAMPLE_RICH);
    event.is_heartbeat = true;
    return event;
}

#define TELL(sink, kind, sample)                                                               \
    do {                                                                                       \
        if ((sink)->kind != NULL) {                                                            \
            (sink)->kind((sink)->user, sample_##kind(sample));                                 \
        }                                                                                      \
    } while (0)

void sample_tell_all(const struct cas_sink *sink)
{
    for (int i = 0; i < SAMPLES; i++) {
        enum sample sample = (enum sample)i;
        TELL(sink, handshake, sample);
        TELL(sink, ca_list, sample);
        TELL(sink, server, sample);
        TELL(sink, anomaly, sample);
        TELL(sink, stats, sample);
        TELL(sink, alert, sample);
        TELL(sink, capture, sample);
    }
    if (sink->ca_list != NULL) {
        const struct cas_ca_list_event event = heartbeat();
        sink->ca_list(sink->user, &event);
    }
    if (sink->end != NULL) {
        sink->end(sink->user);
    }
}
