/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets behind a finding: what the sniffer keeps of each connection until its handshake
 * has been told, and a writer that makes a pcap file of them.
 *
 *     static void save(void *user, const struct cas_evidence *evidence)
 *     {
 *         int failed = cas_evidence_write(user, evidence);
 *         ...
 *     }
 *
 *     config.evidence = (struct cas_evidence_sink){ .user = writer, .packets = save };
 *
 * What is kept is what the verdict came from: the SYNs, every segment of both sides in the
 * order of the capture until the handshake was told, and the first FIN of each side or the RST
 * behind it. Segments with a wrong checksum that was not believed, and data that was not looked
 * at any more, are not in it. So casniff reads the same from the file as from the wire; only a
 * list that stayed incomplete for want of time, memory or room ("timeout", "memory",
 * "table_full") is then incomplete because the file ends ("capture_end"). A segment that came
 * in IP fragments is all of these, where the last of them came, or where they were given up.
 */
#ifndef CASNIFF_EVIDENCE_H
#define CASNIFF_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <casniff/api.h>
#include <casniff/types.h>

struct cas_kept;

/* Frames of one connection with a finding; valid, as all events, during the call of the sink.
 */
struct cas_evidence {
    uint64_t flow_id;  /* as in the handshake event, told just before; 0 when is_late */
    bool is_late;      /* one frame that came after the handshake was told: its FIN or RST */
    uint64_t missing;  /* frames not kept, for the cap of a connection or of memory */
    size_t frames_len; /* those that cas_evidence_next() gives */
    const struct cas_kept *kept;
    const struct cas_frame *late; /* instead of kept */
};

/* Where cas_evidence_next() stands; begins as { 0 }. */
struct cas_evidence_cursor {
    size_t given;
    const void *block;
    size_t at;
};

/*
 * Receives the packets of each connection that raised a finding, as many as the config's
 * evidence_per_hour allows, right after its handshake event, whether or not that was selected;
 * then single late ones. Keeping them takes at most a
 * third of the budget.
 */
struct cas_evidence_sink {
    void *user;
    void (*packets)(void *user, const struct cas_evidence *evidence);
};

/* The next frame, in the order of the capture but for fragments; false when there are no more.
 */
CAS_API bool cas_evidence_next(const struct cas_evidence *evidence,
                               struct cas_evidence_cursor *cursor, struct cas_frame *out_frame);

/*
 * Where a writer's bytes go. One call has whole records only, and must take all of them or
 * none: 0, or an errno; so that a failure leaves a file that can be read.
 */
struct cas_evidence_output {
    void *user;
    int (*write)(void *user, struct cas_view bytes);
};

/*
 * Writes a classic pcap file: little-endian, microseconds, one link type. That is the link type
 * of the first frame; frames of another one (of a second interface of another kind) are left
 * out and counted. The packets of one handshake stand together, in the order given above;
 * handshakes in the order in which they were told.
 */
struct cas_evidence_writer;

/* NULL without memory. Writes nothing yet. */
CAS_API CAS_MUST_CHECK struct cas_evidence_writer *
cas_evidence_writer_create(const struct cas_evidence_output *output);

/*
 * A file begins: writes its header of 24 bytes, unless it was written. link_type is a DLT_
 * value. Needed only where there may be no evidence, for an empty file is no capture: at the
 * end, or as soon as the link type is known. 0 or the output's errno.
 */
CAS_API int cas_evidence_writer_begin(struct cas_evidence_writer *writer, int link_type);

/* A file that is there. */
struct cas_evidence_input {
    void *user;
    uint64_t size;
    /* Exactly len bytes from there, or false. */
    bool (*read)(void *user, uint64_t at, uint8_t *out_bytes, size_t len);
};

/*
 * The output is this file's end, from the offset on that is returned: behind its last whole
 * record, for the end of a run that was killed may be torn. 0 when it is no file as this writer
 * makes them, or of another link type, and then nothing has changed. Reads every record's
 * header.
 */
CAS_API uint64_t cas_evidence_writer_resume(struct cas_evidence_writer *writer,
                                            const struct cas_evidence_input *input,
                                            int link_type);

/* The output is another file from now on: it gets a header, and may have another link type. */
CAS_API void cas_evidence_writer_restart(struct cas_evidence_writer *writer);

/* Writes all frames of the evidence, the file's header before the first. 0; the output's errno,
 * or ENOMEM: the frames that were not written are counted. */
CAS_API int cas_evidence_write(struct cas_evidence_writer *writer,
                               const struct cas_evidence *evidence);

struct cas_evidence_counts {
    uint64_t handshakes;
    uint64_t frames;
    uint64_t bytes;             /* all that was written */
    uint64_t frames_other_link; /* left out: of another link type than the file's */
    uint64_t frames_failed;     /* left out: the output failed */
};

CAS_API struct cas_evidence_counts
cas_evidence_writer_counts(const struct cas_evidence_writer *writer);

CAS_API void cas_evidence_writer_destroy(struct cas_evidence_writer *writer);

#endif
