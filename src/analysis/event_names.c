/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How events spell the values of their enums. */
#include <assert.h>

#include <casniff/counters.h>
#include <casniff/events.h>

#define NAME_OF(names, value)                                                                  \
    (assert((unsigned)(value) < sizeof(names) / sizeof((names)[0])), (names)[(unsigned)(value)])

const char *cas_reason_name(enum cas_reason reason)
{
    static const char *const names[CAS_REASONS] = {
        [CAS_REASON_GAP] = "gap",
        [CAS_REASON_SNAPLEN] = "snaplen",
        [CAS_REASON_MIDSTREAM] = "midstream",
        [CAS_REASON_CAPTURE_END] = "capture_end",
        [CAS_REASON_CLOSED] = "closed",
        [CAS_REASON_TIMEOUT] = "timeout",
        [CAS_REASON_MEMORY] = "memory",
        [CAS_REASON_TABLE_FULL] = "table_full",
        [CAS_REASON_OUT_OF_ORDER] = "out_of_order",
        [CAS_REASON_MESSAGE_CAP] = "message_cap",
        [CAS_REASON_OVERLAP] = "overlap",
        [CAS_REASON_URGENT] = "urgent",
        [CAS_REASON_FRAGMENT] = "fragment",
        [CAS_REASON_CHECKSUM] = "checksum",
        [CAS_REASON_FRAMING] = "framing",
        [CAS_REASON_PROTOCOL] = "protocol",
        [CAS_REASON_SEQUENCE] = "sequence",
    };
    return NAME_OF(names, reason);
}

static const char *const counter_names[CAS_COUNTERS] = {
    [CAS_COUNT_FRAMES] = "capture.frames",
    [CAS_COUNT_FRAME_BYTES] = "capture.bytes",
    [CAS_COUNT_FRAMES_CUT] = "capture.frames_cut",
    [CAS_COUNT_CAPTURE_RECEIVED] = "capture.kernel_packets",
    [CAS_COUNT_CAPTURE_DROPPED_KERNEL] = "capture.kernel_drops",
    [CAS_COUNT_CAPTURE_DROPPED_INTERFACE] = "capture.interface_drops",
    [CAS_COUNT_LINK_UNSUPPORTED] = "outcome.link_unsupported",
    [CAS_COUNT_LINK_MALFORMED] = "outcome.link_malformed",
    [CAS_COUNT_NOT_IP] = "outcome.not_ip",
    [CAS_COUNT_IP_MALFORMED] = "outcome.ip_malformed",
    [CAS_COUNT_IP_FRAGMENT] = "outcome.ip_fragment",
    [CAS_COUNT_NOT_TCP] = "outcome.not_tcp",
    [CAS_COUNT_TCP_MALFORMED] = "outcome.tcp_malformed",
    [CAS_COUNT_TCP_CHECKSUM_BAD] = "outcome.tcp_checksum_bad",
    [CAS_COUNT_TCP_CONTROL] = "outcome.tcp_control",
    [CAS_COUNT_TCP_IGNORED] = "outcome.tcp_ignored",
    [CAS_COUNT_TCP_DATA] = "outcome.tcp_data",
    [CAS_COUNT_TCP_OUT_OF_WINDOW] = "outcome.tcp_out_of_window",
    [CAS_COUNT_TCP_NO_ROOM] = "outcome.tcp_no_room",
    [CAS_COUNT_FRAGMENTS_JOINED] = "fragments.joined",
    [CAS_COUNT_FRAGMENTS_COPIES] = "fragments.copies",
    [CAS_COUNT_FRAGMENTS_OVERLAPPING] = "fragments.overlapping",
    [CAS_COUNT_FRAGMENTS_MALFORMED] = "fragments.malformed",
    [CAS_COUNT_FRAGMENTS_UNFINISHED] = "fragments.unfinished",
    [CAS_COUNT_FRAGMENTS_NO_ROOM] = "fragments.no_room",
    [CAS_COUNT_CHECKSUM_TRUSTED] = "tcp.checksum_trusted",
    [CAS_COUNT_FLOWS] = "tcp.flows",
    [CAS_COUNT_FLOWS_EVICTED] = "tcp.flows_evicted",
    [CAS_COUNT_FLOWS_TIMED_OUT] = "tcp.flows_timed_out",
    [CAS_COUNT_FLOWS_MIDSTREAM] = "tcp.flows_midstream",
    [CAS_COUNT_FLOWS_WATCHED] = "tcp.flows_watched",
    [CAS_COUNT_WATCHES_EVICTED] = "tcp.watches_evicted",
    [CAS_COUNT_SEGMENTS_OUT_OF_ORDER] = "tcp.segments_out_of_order",
    [CAS_COUNT_SEGMENTS_DUPLICATE] = "tcp.segments_duplicate",
    [CAS_COUNT_OVERLAPS_DIFFERENT] = "tcp.overlaps_different",
    [CAS_COUNT_HOLES] = "tcp.holes",
    [CAS_COUNT_HOLE_BYTES] = "tcp.hole_bytes",
    [CAS_COUNT_REORDER_CAPPED] = "tcp.reorder_capped",
    [CAS_COUNT_RST_IGNORED] = "tcp.rst_ignored",
    [CAS_COUNT_URGENT] = "tcp.urgent",
    [CAS_COUNT_NOT_TLS] = "tls.not_tls",
    [CAS_COUNT_TLS_CONNECTIONS] = "tls.connections",
    [CAS_COUNT_TLS13_CONNECTIONS] = "tls.tls13_connections",
    [CAS_COUNT_TLS_ONE_SIDED] = "tls.one_sided",
    [CAS_COUNT_TLS_RESUMED] = "tls.resumed",
    [CAS_COUNT_TLS_MALFORMED] = "tls.malformed",
    [CAS_COUNT_TLS_MESSAGES_CAPPED] = "tls.messages_capped",
    [CAS_COUNT_TLS_DECRYPTION_CUT] = "tls.decryption_cut",
    [CAS_COUNT_RENEGOTIATIONS] = "tls.renegotiations",
    [CAS_COUNT_SYNC_LOST] = "tls.sync_lost",
    [CAS_COUNT_SYNC_FOUND] = "tls.sync_found",
    [CAS_COUNT_SYNC_GIVEN_UP] = "tls.sync_given_up",
    [CAS_COUNT_CERT_REQUESTS] = "ca_list.requests",
    [CAS_COUNT_CERT_REQUESTS_HIDDEN] = "ca_list.requests_hidden",
    [CAS_COUNT_CERT_REQUESTS_INFERRED] = "ca_list.requests_inferred",
    [CAS_COUNT_CERT_LISTS_COMPLETE] = "ca_list.complete",
    [CAS_COUNT_CERT_LISTS_INCOMPLETE] = "ca_list.incomplete",
    [CAS_COUNT_CERT_LISTS_AMBIGUOUS] = "ca_list.ambiguous",
    [CAS_COUNT_CERT_LISTS_MALFORMED] = "ca_list.malformed",
    [CAS_COUNT_LISTS_NOT_RETOLD] = "ca_list.not_retold",
    [CAS_COUNT_KEYLOG_CONNECTIONS] = "keylog.connections",
    [CAS_COUNT_KEYLOG_DROPPED] = "keylog.dropped",
    [CAS_COUNT_KEYLOG_BAD_LINES] = "keylog.bad_lines",
    [CAS_COUNT_KEYLOG_WAITED] = "keylog.waited",
    [CAS_COUNT_KEYLOG_WAITED_IN_VAIN] = "keylog.waited_in_vain",
    [CAS_COUNT_ALERTS_TOLD] = "alert.told",
    [CAS_COUNT_ALERTS_SUPPRESSED] = "alert.suppressed",
    [CAS_COUNT_ANOMALIES_TOLD] = "anomaly.told",
    [CAS_COUNT_ANOMALIES_SUPPRESSED] = "anomaly.suppressed",
    [CAS_COUNT_EVIDENCE_HANDSHAKES] = "evidence.handshakes",
    [CAS_COUNT_EVIDENCE_SKIPPED] = "evidence.skipped",
    [CAS_COUNT_EVIDENCE_NOT_WHOLE] = "evidence.not_whole",
    [CAS_COUNT_EVIDENCE_FRAMES] = "evidence.frames",
    [CAS_COUNT_EVIDENCE_FRAMES_DROPPED] = "evidence.frames_dropped",
    [CAS_COUNT_OUTPUT_WRITTEN] = "output.events_written",
    [CAS_COUNT_OUTPUT_DROPPED] = "output.events_dropped",
    [CAS_COUNT_OUTPUT_ERRORS] = "output.errors",
    [CAS_COUNT_MEMORY_PEAK_BYTES] = "memory.peak_bytes",
    [CAS_COUNT_MEMORY_REFUSED] = "memory.refused",
    [CAS_COUNT_SERVERS_CAPPED] = "memory.servers_capped",
};

const char *cas_counter_name(enum cas_counter counter)
{
    return NAME_OF(counter_names, counter);
}

const char *cas_side_name(enum cas_side side)
{
    static const char *const names[] = { "client", "server" };
    return NAME_OF(names, side);
}

const char *cas_established_name(enum cas_established established)
{
    static const char *const names[] = { "unknown", "yes", "no" };
    return NAME_OF(names, established);
}

const char *cas_requested_name(enum cas_requested requested)
{
    static const char *const names[] = { "unseen", "no", "yes", "hidden" };
    return NAME_OF(names, requested);
}

const char *cas_how_name(enum cas_how how)
{
    static const char *const names[] = { "plaintext", "decrypted", "inferred" };
    return NAME_OF(names, how);
}

const char *cas_answer_name(enum cas_answer answer)
{
    static const char *const names[] = { "unseen", "none", "empty", "certificate", "hidden" };
    return NAME_OF(names, answer);
}

const char *cas_severity_name(enum cas_severity severity)
{
    static const char *const names[] = { "info", "warning", "error" };
    return NAME_OF(names, severity);
}

const char *cas_seen_name(enum cas_seen seen)
{
    static const char *const names[] = { "complete", "incomplete", "ambiguous", "malformed" };
    return NAME_OF(names, seen);
}

const char *cas_truncation_name(enum cas_truncation truncation)
{
    static const char *const names[] = {
        [CAS_TRUNCATION_UNKNOWN] = "unknown",     [CAS_TRUNCATION_NONE] = "none",
        [CAS_TRUNCATION_NO_SIGN] = "no_sign",     [CAS_TRUNCATION_SUBSET] = "subset",
        [CAS_TRUNCATION_SUSPECTED] = "suspected", [CAS_TRUNCATION_CONFIRMED] = "confirmed",
    };
    return NAME_OF(names, truncation);
}

const char *cas_headroom_name(enum cas_headroom headroom)
{
    static const char *const names[] = { "ok", "warn", "crit", "over" };
    return NAME_OF(names, headroom);
}

const char *cas_lint_name(enum cas_lint lint)
{
    static const char *const names[] = {
        [CAS_LINT_LENGTH_WRAPPED] = "length_wrapped",
        [CAS_LINT_RECORD_TOO_LONG] = "record_too_long",
        [CAS_LINT_LIST_OMITTED] = "list_omitted",
        [CAS_LINT_DUPLICATE_NAME] = "duplicate_name",
        [CAS_LINT_EMPTY_NAME] = "empty_name",
        [CAS_LINT_MALFORMED_NAME] = "malformed_name",
        [CAS_LINT_NOT_IN_STORE] = "not_in_store",
        [CAS_LINT_ENCODING_MISMATCH] = "encoding_mismatch",
        [CAS_LINT_SERVER_LEAF] = "server_leaf",
        [CAS_LINT_NT_AUTHORITY] = "nt_authority",
        [CAS_LINT_TRAILING_BYTES] = "trailing_bytes",
    };
    return NAME_OF(names, lint);
}

const char *cas_diagnosis_name(enum cas_diagnosis_code code)
{
    static const char *const names[] = {
        [CAS_DIAGNOSIS_OK] = "OK",
        [CAS_DIAGNOSIS_NO_REQUEST] = "NO_REQUEST",
        [CAS_DIAGNOSIS_REQUEST_HIDDEN_TLS13] = "REQUEST_HIDDEN_TLS13",
        [CAS_DIAGNOSIS_REQUEST_HIDDEN_RENEGOTIATION] = "REQUEST_HIDDEN_RENEGOTIATION",
        [CAS_DIAGNOSIS_REQUEST_EMPTY_LIST] = "REQUEST_EMPTY_LIST",
        [CAS_DIAGNOSIS_CLIENT_SENT_NONE] = "CLIENT_SENT_NONE",
        [CAS_DIAGNOSIS_CLIENT_SKIPPED_ANSWER] = "CLIENT_SKIPPED_ANSWER",
        [CAS_DIAGNOSIS_ISSUER_CUT_OFF] = "ISSUER_CUT_OFF",
        [CAS_DIAGNOSIS_ISSUER_NOT_ADVERTISED] = "ISSUER_NOT_ADVERTISED",
        [CAS_DIAGNOSIS_ENCODING_MISMATCH] = "ENCODING_MISMATCH",
        [CAS_DIAGNOSIS_KEYTYPE_NOT_ACCEPTED] = "KEYTYPE_NOT_ACCEPTED",
        [CAS_DIAGNOSIS_NO_CLIENTAUTH_EKU] = "NO_CLIENTAUTH_EKU",
        [CAS_DIAGNOSIS_EXPIRED] = "EXPIRED",
        [CAS_DIAGNOSIS_NOT_YET_VALID] = "NOT_YET_VALID",
        [CAS_DIAGNOSIS_CHAIN_INCOMPLETE] = "CHAIN_INCOMPLETE",
        [CAS_DIAGNOSIS_REJECTED_BY_ALERT] = "REJECTED_BY_ALERT",
        [CAS_DIAGNOSIS_MESSAGE_TOO_BIG_FOR_CLIENT] = "MESSAGE_TOO_BIG_FOR_CLIENT",
        [CAS_DIAGNOSIS_SERVER_CERT_REJECTED] = "SERVER_CERT_REJECTED",
        [CAS_DIAGNOSIS_RESUMED] = "RESUMED",
    };
    return NAME_OF(names, code);
}

const char *cas_alert_cause_name(enum cas_alert_cause cause)
{
    static const char *const names[CAS_ALERT_CAUSES] = {
        [CAS_ALERT_LIST_NEAR_LIMIT] = "list_near_limit",
        [CAS_ALERT_LIST_OVER_LIMIT] = "list_over_limit",
        [CAS_ALERT_TRUNCATION_SUSPECTED] = "truncation_suspected",
        [CAS_ALERT_TRUNCATION_CONFIRMED] = "truncation_confirmed",
        [CAS_ALERT_LIST_CHANGED] = "list_changed",
        [CAS_ALERT_LIST_SHRANK] = "list_shrank",
        [CAS_ALERT_CLIENTS_REFUSING] = "clients_refusing",
        [CAS_ALERT_CLIENT_CUT_OFF] = "client_cut_off",
    };
    return NAME_OF(names, cause);
}

const char *cas_iface_state_name(enum cas_iface_state state)
{
    static const char *const names[] = { "up", "down", "gone", "back" };
    return NAME_OF(names, state);
}
