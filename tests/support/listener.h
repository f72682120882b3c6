/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A handler of net/flows.h that writes down what it is told, and a set of flows around it.
 *
 *     struct listener *l = listener_create(&(struct listener_options){ 0 });
 *     listener_hear(l, &frames);
 *     listener_finish(l);
 *     ck_assert_str_eq(l->flow[0].story, "...");
 *     listener_destroy(l);
 */
#ifndef CAS_TEST_LISTENER_H
#define CAS_TEST_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/flows.h"
#include "support/frames.h"

#define LISTENER_FLOWS_MAX 64

/* What became of one connection. Bytes of holes are 0. */
struct heard {
    struct cas_flow flow;
    struct cas_buf bytes[2];
    struct cas_buf holes[2];  /* "offset+len reason; " each */
    struct cas_buf doubts[2]; /* the same */
    bool is_closed;
    enum cas_close close;
    enum cas_reason reason;
    uint64_t closed_at; /* frame number; 0: at the end */
    unsigned worth;
};

struct listener_options {
    enum cas_flows_checksums checksums;
    enum cas_flows_clock clock;
    size_t memory;    /* 0: 64 MiB */
    size_t max_flows; /* 0: 1024 */
    uint8_t key;      /* of the table's hash */
    size_t wants;     /* bytes of a direction after which nothing more is wanted; 0: all */
    bool keeps_frames;
    bool is_forgetful; /* keeps no bytes, refuses no connection: for floods */
    unsigned (*worth)(const struct cas_flow *flow);
};

struct listener {
    struct listener_options options;
    struct cas_budget budget;
    struct cas_counters counters;
    struct cas_flows *flows;
    struct heard flow[LISTENER_FLOWS_MAX];
    size_t flows_len;
    size_t opened;
};

/* Checksums are always checked if options say nothing else. */
struct listener *listener_create(const struct listener_options *options);
void listener_hear(struct listener *listener, const struct frames *frames);
/* The capture ends. Checks that all frames were counted once. */
void listener_finish(struct listener *listener);
void listener_destroy(struct listener *listener);

/* How many frames were counted in all outcomes together. */
uint64_t outcomes(const struct cas_counters *counters);

/* Fails unless buf (holes or doubts, say) holds exactly this text. */
void assert_text(const struct cas_buf *buf, const char *text);

/* Fails unless this end of the flow said exactly this, without hole or doubt. */
void assert_heard(const struct heard *heard, unsigned end, struct cas_view said);

/* A client says something, its server answers; frames hold all of it. */
struct scene {
    struct frames frames;
    struct talk talk;
    struct cas_view said[2];
};

struct scene scene_init(struct dice *dice, size_t request_len, size_t answer_len);
/* Handshake, request, answer, FIN of both. */
void scene_play(struct scene *scene, size_t mss);
void scene_free(struct scene *scene);

/* A listener that heard it all, to the end. */
struct listener *hear_all(const struct frames *frames, struct listener_options options);
/* The same with checksums checked always. */
struct listener *hear(const struct frames *frames);
uint64_t count(const struct listener *listener, enum cas_counter counter);

/* Fails unless there was one flow, told whole, ended by FIN. */
void assert_whole(const struct listener *listener, const struct scene *scene);

#endif
