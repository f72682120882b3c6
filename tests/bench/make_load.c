/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a large capture from recorded handshakes: their connections again and again, between
 * other addresses and ports, so many at a time. The same arguments give the same file. What
 * was put in is told on stdout, to be compared with what casniff finds; and with --losses, in
 * a file, which connections lost what.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/dlt.h>

#include "load.h"

#define PACKET_EVERY_US  10
#define SERVERS_EACH     8 /* servers that show the list of one recorded connection */
#define PCAP_PACKET_HEAD 16
#define HELLO_RANDOM     11
#define HELLO_RANDOM_LEN 32

/* Of so many connections one is TLS, when there are others beside it. */
#define ONE_IS_TLS 3

/* A packet that comes late, or again, does so behind so many others of its connection. */
#define LATE_MAX 3

struct options {
    uint64_t bytes;       /* of the file, at least */
    uint64_t connections; /* at most */
    size_t concurrent;
    uint64_t seed;
    bool is_mixed; /* with what is no TLS */
    unsigned lost_percent;
    unsigned late_percent;
    unsigned again_percent;
    struct load_recorded_options recorded;
    const char *losses;
    const char *output;
};

/* A packet that is still to come: for the first time, or again. */
struct owed {
    bool is_owed;
    size_t packet;
    unsigned behind; /* so many others */
};

/* A clone on its way. */
struct clone {
    struct load_template *template;
    size_t next;
    uint64_t number; /* makes the client's address and port */
    uint64_t server;
    struct owed late;
    struct owed again;
    bool lost_any;
    bool lost_request; /* a part of it */
};

struct load {
    struct options options;
    struct load_templates tls;
    struct load_templates others;
    struct dice dice;
    FILE *file;
    FILE *losses;
    uint64_t connections; /* of TLS */
    uint64_t other_connections;
    uint64_t requests;
    uint64_t packets;
    uint64_t bytes;
};

/* 10.0.0.0/8 and 172.16.0.0/12, or 2001:db8::/32; the number is in the last bytes. */
static void make_address(uint8_t family, bool is_server, uint64_t number, uint8_t *out)
{
    memset(out, 0, 16);
    if (family == 4) {
        wire_put32(out, (uint32_t)(is_server ? 0xac100000 + (number & 0xfffff)
                                             : 0x0a000000 + (number & 0xffffff)));
        return;
    }
    wire_put32(out, 0x20010db8);
    wire_put32(out + 4, is_server ? 1 : 2);
    wire_put32(out + 12, (uint32_t)number);
}

static uint16_t client_port(const struct clone *clone)
{
    return (uint16_t)(1024 + clone->number % 64000);
}

/*
 * No two ClientHellos are the same in life, so that it must not help to have seen one before:
 * a record header, a handshake header and a version, then 32 random bytes. Those of a clone
 * follow from its number, for it may be sent again.
 */
static void refresh_hello(const struct clone *clone, struct wire_packet *p)
{
    uint8_t *payload = p->frame + p->payload;
    bool is_hello = clone->template->is_tls &&
                    wire_payload_len(p) >= HELLO_RANDOM + HELLO_RANDOM_LEN &&
                    payload[0] == 22 && payload[5] == 1;
    struct dice dice = { .state = clone->number };
    for (size_t i = 0; is_hello && i < HELLO_RANDOM_LEN; i += 4) {
        wire_put32(payload + HELLO_RANDOM + i, (uint32_t)dice_roll(&dice, UINT32_MAX));
    }
}

static void emit(struct load *load, const struct clone *clone, size_t index)
{
    struct load_template *t = clone->template;
    struct wire_packet *p = &t->row.packet[index];
    unsigned client = t->mark[index].is_reply ? 1 : 0;
    uint8_t address[16];
    make_address(t->family, false, clone->number, address);
    wire_set_end(p, client, address, client_port(clone));
    make_address(t->family, true, clone->server, address);
    wire_set_end(p, 1 - client, address, t->server_port);
    p->time_us = 1700000000000000 + load->packets * PACKET_EVERY_US;
    refresh_hello(clone, p);
    wire_seal(p);
    wire_file_add(load->file, p);
    load->packets++;
    load->bytes += p->frame_len + PCAP_PACKET_HEAD;
}

/* --- what the way does to packets --- */

static bool happens(struct load *load, unsigned percent)
{
    return percent > 0 && dice_roll(&load->dice, 100) < percent;
}

static void owe(struct load *load, struct owed *owed, size_t packet)
{
    *owed = (struct owed){ true, packet, 1 + (unsigned)dice_roll(&load->dice, LATE_MAX) };
}

/* Whether something owed was due, and was sent. */
static bool pay(struct load *load, const struct clone *clone, struct owed *owed, bool at_end)
{
    if (!owed->is_owed || (owed->behind > 0 && !at_end)) {
        return false;
    }
    owed->is_owed = false;
    emit(load, clone, owed->packet);
    return true;
}

static void pass(struct owed *owed)
{
    owed->behind -= owed->is_owed && owed->behind > 0 ? 1 : 0;
}

/* One packet of a clone, or none, if that is lost or late. False at its end. */
static bool step(struct load *load, struct clone *clone)
{
    const struct options *options = &load->options;
    bool at_end = clone->next == clone->template->row.len;
    if (pay(load, clone, &clone->late, at_end) || pay(load, clone, &clone->again, at_end)) {
        return true;
    }
    if (at_end) {
        return false;
    }
    size_t index = clone->next++;
    if (happens(load, options->lost_percent)) {
        clone->lost_any = true;
        clone->lost_request |= clone->template->mark[index].carries_request;
        return true;
    }
    if (!clone->late.is_owed && happens(load, options->late_percent)) {
        owe(load, &clone->late, index);
        return true;
    }
    emit(load, clone, index);
    pass(&clone->late);
    pass(&clone->again);
    if (!clone->again.is_owed && happens(load, options->again_percent)) {
        owe(load, &clone->again, index);
    }
    return true;
}

/* One line for a connection that lost something, for who knows its list may not be whole. */
static void tell_loss(const struct load *load, const struct clone *clone)
{
    if (load->losses == NULL || !clone->lost_any) {
        return;
    }
    uint8_t address[16];
    char text[INET6_ADDRSTRLEN];
    bool is_v4 = clone->template->family == 4;
    make_address(clone->template->family, false, clone->number, address);
    inet_ntop(is_v4 ? AF_INET : AF_INET6, address, text, sizeof(text));
    fprintf(load->losses, "%s %u %zu %s\n", text, (unsigned)client_port(clone),
            clone->template->requests, clone->lost_request ? "request" : "other");
}

/* --- clones --- */

static bool begin(struct load *load, struct clone *clone)
{
    uint64_t number = load->connections + load->other_connections;
    *clone = (struct clone){ 0 };
    if (load->bytes >= load->options.bytes || number >= load->options.connections) {
        return false;
    }
    bool is_tls = !load->options.is_mixed || number % ONE_IS_TLS == 0;
    const struct load_templates *templates = is_tls ? &load->tls : &load->others;
    uint64_t *count = is_tls ? &load->connections : &load->other_connections;
    size_t index = (size_t)(*count % templates->len);
    clone->template = &templates->template[index];
    clone->number = number;
    clone->server = index * SERVERS_EACH + dice_roll(&load->dice, SERVERS_EACH);
    (*count)++;
    load->requests += clone->template->requests;
    return true;
}

static void end(struct load *load, struct clone *clone, size_t *active)
{
    tell_loss(load, clone);
    *active -= begin(load, clone) ? 0 : 1;
}

/* Each of the clones on their way in turn, some of them sometimes not. */
static void write_passing(struct load *load)
{
    size_t len = load->options.concurrent;
    struct clone *clones = wire_alloc(len * sizeof(*clones));
    size_t active = 0;
    for (size_t i = 0; i < len; i++) {
        active += begin(load, &clones[i]) ? 1 : 0;
    }
    while (active > 0) {
        for (size_t i = 0; i < len; i++) {
            struct clone *clone = &clones[i];
            bool rests = len > 1 && dice_roll(&load->dice, 8) == 0;
            if (clone->template != NULL && !rests && !step(load, clone)) {
                end(load, clone, &active);
            }
        }
    }
    free(clones);
}

/* --- connections that stay open --- */

static void swap(struct clone *a, struct clone *b)
{
    struct clone was = *a;
    *a = *b;
    *b = was;
}

static void shuffle(struct load *load, struct clone *clones, size_t len)
{
    for (size_t i = len; i > 1; i--) {
        swap(&clones[i - 1], &clones[dice_roll(&load->dice, i)]);
    }
}

static bool is_open(const struct clone *clone)
{
    return clone->next == clone->template->pause;
}

/* The handshakes, so many at a time. How many connections there are. */
static size_t write_handshakes(struct load *load, struct clone *clones, size_t len)
{
    size_t begun = 0;
    size_t first = 0; /* all before it are open */
    do {
        while (begun < len && begun - first < load->options.concurrent &&
               begin(load, &clones[begun])) {
            begun++;
        }
        for (size_t i = first; i < begun; i++) {
            if (!is_open(&clones[i]) && dice_roll(&load->dice, 8) != 0) {
                (void)step(load, &clones[i]);
            }
        }
        while (first < begun && is_open(&clones[first])) {
            first++;
        }
    } while (first < begun);
    return begun;
}

/* All are open at once; then, in an order of its own each time, a little goes over each of
 * them, and they end. */
static void write_open(struct load *load)
{
    size_t len = (size_t)load->options.connections;
    struct clone *clones = wire_alloc(len * sizeof(*clones));
    len = write_handshakes(load, clones, len);
    shuffle(load, clones, len);
    for (size_t i = 0; i < len; i++) {
        (void)step(load, &clones[i]);
        (void)step(load, &clones[i]);
    }
    shuffle(load, clones, len);
    for (size_t i = 0; i < len; i++) {
        while (step(load, &clones[i])) {
        }
        tell_loss(load, &clones[i]);
    }
    free(clones);
}

/* --- the command --- */

static uint64_t number(const char *text)
{
    char *end_of_number = NULL;
    errno = 0;
    unsigned long long value = strtoull(text, &end_of_number, 0);
    if (end_of_number == text || *end_of_number != '\0' || errno != 0) {
        fprintf(stderr, "not a number: %s\n", text);
        exit(2);
    }
    return value;
}

static const struct option long_options[] = {
    { "bytes", required_argument, NULL, 'b' },
    { "bulk", required_argument, NULL, 'B' },
    { "template-bytes", required_argument, NULL, 't' },
    { "concurrent", required_argument, NULL, 'c' },
    { "open", required_argument, NULL, 'o' },
    { "mixed", no_argument, NULL, 'm' },
    { "lost", required_argument, NULL, 'L' },
    { "late", required_argument, NULL, 'l' },
    { "again", required_argument, NULL, 'a' },
    { "losses", required_argument, NULL, 'f' },
    { "seed", required_argument, NULL, 's' },
    { "output", required_argument, NULL, 'w' },
    { 0 },
};

/* What the way does to packets; false when it is another option. */
static bool take_way(struct options *options, int option)
{
    switch (option) {
    case 'L':
        options->lost_percent = (unsigned)number(optarg);
        return true;
    case 'l':
        options->late_percent = (unsigned)number(optarg);
        return true;
    case 'a':
        options->again_percent = (unsigned)number(optarg);
        return true;
    case 'f':
        options->losses = optarg;
        return true;
    default:
        return false;
    }
}

static void take(struct options *options, int option)
{
    switch (option) {
    case 'b':
        options->bytes = number(optarg);
        break;
    case 'B':
        options->recorded.bulk = number(optarg);
        break;
    case 't':
        options->recorded.bytes_max = number(optarg);
        break;
    case 'c':
        options->concurrent = (size_t)number(optarg);
        break;
    case 'o':
        options->recorded.stays_open = true;
        options->connections = number(optarg);
        break;
    case 'm':
        options->is_mixed = true;
        break;
    case 's':
        options->seed = number(optarg);
        break;
    case 'w':
        options->output = optarg;
        break;
    default:
        exit(2);
    }
}

static struct options options_of(int argc, char **argv)
{
    struct options options = {
        .bytes = 500000000,
        .connections = UINT64_MAX,
        .concurrent = 1,
        .seed = 1,
        .recorded = { .bytes_max = UINT64_MAX },
    };
    int option = 0;
    while ((option = getopt_long(argc, argv, "w:", long_options, NULL)) != -1) {
        if (!take_way(&options, option)) {
            take(&options, option);
        }
    }
    return options;
}

static void open_files(struct load *load)
{
    load->file = wire_file_create(load->options.output, DLT_EN10MB);
    if (load->options.losses != NULL) {
        load->losses = fopen(load->options.losses, "w");
        if (load->losses == NULL) {
            perror(load->options.losses);
            exit(EXIT_FAILURE);
        }
    }
}

static void finish(struct load *load)
{
    load_templates_finish(&load->tls);
    load_templates_finish(&load->others);
    if (fclose(load->file) != 0 || (load->losses != NULL && fclose(load->losses) != 0)) {
        perror(load->options.output);
        exit(EXIT_FAILURE);
    }
}

static void tell(const struct load *load, size_t templates)
{
    printf("{\"templates\": %zu, \"connections\": %llu, \"other_connections\": %llu, "
           "\"requests\": %llu, \"packets\": %llu, \"bytes\": %llu}\n",
           templates, (unsigned long long)load->connections,
           (unsigned long long)load->other_connections, (unsigned long long)load->requests,
           (unsigned long long)load->packets, (unsigned long long)load->bytes);
}

int main(int argc, char **argv)
{
    struct load load = { .options = options_of(argc, argv) };
    load.dice.state = load.options.seed;
    if (load.options.output == NULL || load.options.concurrent == 0 || optind == argc) {
        fputs("usage: make_load -w OUTPUT [--bytes N] [--bulk N] [--template-bytes N] "
              "[--concurrent N] [--open N] [--mixed] [--lost PERCENT] [--late PERCENT] "
              "[--again PERCENT] [--losses FILE] [--seed N] CAPTURE...\n",
              stderr);
        return 2;
    }
    for (int i = optind; i < argc; i++) {
        load_recorded(&load.tls, argv[i], &load.options.recorded, &load.dice);
    }
    load_others(&load.others, &load.dice);
    if (load.tls.len == 0) {
        fputs("make_load: no whole TLS connection in these captures\n", stderr);
        return EXIT_FAILURE;
    }
    size_t templates = load.tls.len;
    open_files(&load);
    if (load.options.recorded.stays_open) {
        write_open(&load);
    } else {
        write_passing(&load);
    }
    finish(&load);
    tell(&load, templates);
    return EXIT_SUCCESS;
}
