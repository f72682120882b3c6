/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Live capture on a pair of virtual interfaces in a network namespace of the test's own: what
 * goes in at "far" comes out at "near", where it is captured. Skipped where that may not be
 * made. The frames are sent through a packet socket, not with the code under test.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sched.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <casniff/capture.h>

#include "support/frames.h"
#include "support/support.h"

#define SKIPPED 77

#define ETHERNET_LEN 14
#define IP_LEN       20

/* How long anything may take on a busy machine; what it should take is measured apart. */
#define PATIENCE_MS 3000

static void run(const char *command)
{
    ck_assert_msg(system(command) == 0, "%s", command);
}

static long new_network(void)
{
    return syscall(SYS_unshare, CLONE_NEWNET);
}

/* In a namespace of its own, without the messages that IPv6 sends unasked. */
static void make_pair(void)
{
    ck_assert_int_eq(new_network(), 0);
    run("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
    run("ip link add far type veth peer name near");
    run("ip link set far up && ip link set near up && ip link set lo up");
    run("until ip link show near | grep -q LOWER_UP; do sleep 0.02; done");
}

static bool can_make_pair(void)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(new_network() == 0 && system("ip link add type veth 2>/dev/null") == 0
                  ? EXIT_SUCCESS
                  : EXIT_FAILURE);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == EXIT_SUCCESS;
}

static int sender(const char *iface)
{
    struct sockaddr_ll to = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = (int)if_nametoindex(iface),
    };
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

static void send_frame(int fd, struct cas_view frame)
{
    while (send(fd, frame.data, frame.len, 0) != (ssize_t)frame.len) {
        ck_assert_int_eq(errno, ENOBUFS);
    }
}

static void send_all(const char *iface, const struct frames *frames)
{
    int fd = sender(iface);
    for (size_t i = 0; i < frames->len; i++) {
        send_frame(fd, frames->frame[i].bytes);
    }
    close(fd);
}

static struct frames some_frames(void)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    talk_send(&talk, 0, text_view("hello"), 1460);
    talk_close(&talk);
    return frames;
}

/* Of any protocol, in Ethernet. */
static void add_ip(struct frames *frames, struct frame_spec spec, uint8_t protocol)
{
    struct cas_buf bytes = cas_buf_init(SIZE_MAX, NULL);
    uint8_t rest[32] = { 0 };
    append_ethernet(&bytes, &spec);
    cas_buf_cut(&bytes, 14 + 4 * spec.vlan_len);
    append_ip_header(&bytes, &spec, protocol, sizeof(rest));
    cas_buf_append(&bytes, cas_view_of(rest, sizeof(rest)));
    frames_add(frames, 1, cas_buf_view(&bytes));
    cas_buf_finish(&bytes);
}

static struct cas_capture *open_with(struct cas_live_options options)
{
    struct cas_error error = { 0 };
    struct cas_capture *capture = NULL;
    ck_assert_msg(cas_capture_open_live(&options, &capture, &error) == CAS_OK, "%s",
                  error.text);
    return capture;
}

static struct cas_live_options options_for(const char *iface)
{
    struct cas_live_options options = cas_live_defaults();
    options.iface = iface;
    return options;
}

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Polls until there is something other than nothing, or the patience is at its end. */
static enum cas_capture_next next_within(struct cas_capture *capture,
                                         struct cas_frame *out_frame, int patience_ms)
{
    uint64_t until = now_ms() + (uint64_t)patience_ms;
    for (;;) {
        enum cas_capture_next next = cas_capture_next(capture, out_frame, NULL);
        if (next != CAS_CAPTURE_NONE || now_ms() >= until) {
            return next;
        }
        struct pollfd ready = { .fd = cas_capture_fd(capture), .events = POLLIN };
        (void)poll(&ready, 1, 20);
    }
}

static void assert_frames(struct cas_capture *capture, const struct frames *frames)
{
    struct cas_frame frame;
    for (size_t i = 0; i < frames->len; i++) {
        ck_assert_int_eq(next_within(capture, &frame, PATIENCE_MS), CAS_CAPTURE_FRAME);
        ck_assert_msg(cas_view_equal(frame.bytes, frames->frame[i].bytes), "frame %zu", i);
        ck_assert_uint_eq(frame.wire_len, frame.bytes.len);
    }
}

/* Reads what there is, to the end after a stop. */
static uint64_t read_to_end(struct cas_capture *capture)
{
    struct cas_frame frame;
    enum cas_capture_next next;
    uint64_t frames = 0;
    cas_capture_stop(capture);
    while ((next = next_within(capture, &frame, PATIENCE_MS)) == CAS_CAPTURE_FRAME) {
        frames++;
    }
    ck_assert_int_eq(next, CAS_CAPTURE_END);
    return frames;
}

static void assert_identity(struct cas_capture *capture, uint64_t frames)
{
    struct cas_capture_stats stats;
    ck_assert(cas_capture_stats(capture, &stats));
    ck_assert_uint_eq(stats.received, frames + stats.dropped_kernel);
}

START_TEST(frames_come_as_they_were_sent_and_soon)
{
    struct frames frames = some_frames();
    struct cas_capture *capture = open_with(options_for("near"));
    ck_assert_str_eq(cas_capture_link_type(capture), "EN10MB (Ethernet)");
    uint64_t sent = now_ms();
    send_all("far", &frames);
    assert_frames(capture, &frames);
    ck_assert_uint_le(now_ms() - sent, 1000); /* 200 at rest */
    struct cas_frame frame;
    ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_NONE);
    assert_identity(capture, frames.len);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

/* Which of the two captures each connection came to, by the client's port; it fails when one
 * came to both. Gives how many frames came. */
static size_t read_shared(struct cas_capture *const capture[2], unsigned counts[2])
{
    int owner[UINT16_MAX + 1] = { 0 };
    size_t len = 0;
    for (int i = 0; i < 2; i++) {
        struct cas_frame frame;
        while (next_within(capture[i], &frame, 300) == CAS_CAPTURE_FRAME) {
            const uint8_t *ports = &frame.bytes.data[ETHERNET_LEN + IP_LEN];
            unsigned one = (unsigned)ports[0] << 8 | ports[1];
            unsigned other = (unsigned)ports[2] << 8 | ports[3];
            int *of = &owner[one > other ? one : other];
            counts[i] += *of == 0;
            ck_assert_msg(*of == 0 || *of == i + 1, "port %u came to both", one);
            *of = i + 1;
            len++;
        }
    }
    return len;
}

START_TEST(a_group_shares_connections_and_no_frame_comes_twice)
{
    struct cas_capture_group group = { 0 };
    struct cas_live_options options = options_for("near");
    struct cas_capture *capture[2];
    unsigned counts[2] = { 0 };
    size_t sent = 0;
    options.group = &group;
    for (int i = 0; i < 2; i++) {
        capture[i] = open_with(options);
    }
    for (uint16_t i = 0; i < 64; i++) {
        struct frames frames = { 0 };
        struct talk talk = talk_init(&frames);
        talk.end[0].port = (uint16_t)(40000 + i);
        talk_handshake(&talk);
        talk_close(&talk);
        send_all("far", &frames);
        sent += frames.len;
        frames_free(&frames);
    }
    ck_assert_uint_eq(read_shared(capture, counts), sent);
    ck_assert_uint_eq(counts[0] + counts[1], 64);
    ck_assert_uint_gt(counts[0], 0); /* by chance once in 2^63 */
    ck_assert_uint_gt(counts[1], 0);
    for (int i = 0; i < 2; i++) {
        cas_capture_close(capture[i]);
    }
}
END_TEST

START_TEST(times_are_those_of_the_wall_clock)
{
    struct frames frames = some_frames();
    struct cas_capture *capture = open_with(options_for("near"));
    uint64_t before = (uint64_t)time(NULL);
    send_all("far", &frames);
    struct cas_frame frame;
    ck_assert_int_eq(next_within(capture, &frame, PATIENCE_MS), CAS_CAPTURE_FRAME);
    ck_assert_uint_ge(frame.timestamp_us / 1000000 + 1, before);
    ck_assert_uint_le(frame.timestamp_us / 1000000, (uint64_t)time(NULL) + 1);
    ck_assert_uint_eq(frame.number, 1);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

START_TEST(an_idle_link_never_blocks)
{
    struct cas_capture *capture = open_with(options_for("near"));
    struct cas_frame frame;
    uint64_t begin = now_ms();
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(cas_capture_next(capture, &frame, NULL), CAS_CAPTURE_NONE);
    }
    ck_assert_uint_le(now_ms() - begin, 1000);
    ck_assert_uint_eq(read_to_end(capture), 0);
    cas_capture_close(capture);
}
END_TEST

START_TEST(a_link_that_is_down_is_waited_for)
{
    struct frames frames = some_frames();
    struct cas_capture *capture = open_with(options_for("near"));
    struct cas_frame frame;
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(cas_capture_link(capture), CAS_CAPTURE_LINK_UP);
        run("ip link set near down");
        ck_assert_int_eq(next_within(capture, &frame, 100), CAS_CAPTURE_NONE);
        ck_assert_int_eq(cas_capture_link(capture), CAS_CAPTURE_LINK_DOWN);
        run("ip link set near up");
        run("until ip link show near | grep -q LOWER_UP; do sleep 0.02; done");
        ck_assert_int_eq(next_within(capture, &frame, 100), CAS_CAPTURE_NONE);
        send_all("far", &frames);
        assert_frames(capture, &frames);
    }
    run("ip link set far down"); /* no carrier */
    ck_assert_int_eq(cas_capture_link(capture), CAS_CAPTURE_LINK_DOWN);
    ck_assert_uint_eq(read_to_end(capture), 0);
    assert_identity(capture, 3 * frames.len);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

START_TEST(an_interface_that_is_removed_is_gone)
{
    static const char *const removals[] = {
        "ip link del near",
        "ip link set near down && ip link del near",
        "ip link del near && ip link add far type veth peer name near && ip link set near up",
    };
    struct cas_capture *capture = open_with(options_for("near"));
    struct cas_error error = { 0 };
    struct cas_frame frame;
    run(removals[_i]);
    ck_assert_int_eq(cas_capture_link(capture), CAS_CAPTURE_LINK_GONE);
    enum cas_capture_next next = CAS_CAPTURE_NONE;
    for (uint64_t until = now_ms() + 1000; next == CAS_CAPTURE_NONE && now_ms() < until;) {
        next = cas_capture_next(capture, &frame, &error);
    }
    ck_assert_int_eq(next, CAS_CAPTURE_GONE);
    ck_assert_msg(strstr(error.text, "near cannot be captured from any more") != NULL, "%s",
                  error.text);
    cas_capture_close(capture);
}
END_TEST

/* O11: a buffer that is far too small. */
START_TEST(what_is_dropped_and_what_is_read_is_what_was_received)
{
    struct cas_live_options options = options_for("near");
    options.buffer_bytes = 600000;
    struct cas_capture *capture = open_with(options);
    struct frames frames = some_frames();
    struct cas_frame frame;
    uint64_t got = 0;
    int fd = sender("far");
    for (int i = 0; i < 40000; i++) {
        send_frame(fd, frames.frame[(size_t)i % frames.len].bytes);
        if (i % 64 == 0 && cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME) {
            got++;
        }
    }
    got += read_to_end(capture);
    struct cas_capture_stats stats;
    ck_assert(cas_capture_stats(capture, &stats));
    ck_assert_uint_eq(stats.received, 40000);
    ck_assert_uint_gt(stats.dropped_kernel, 0);
    assert_identity(capture, got);
    send_frame(fd, frames.frame[0].bytes); /* after the stop: not counted */
    assert_identity(capture, got);
    close(fd);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

/* Traffic that runs while the capture is opened is not counted before the filter stands. */
START_TEST(the_statistics_begin_with_the_filter)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk_handshake(&talk);
    add_ip(&frames, (struct frame_spec){ .from = talk.end[0], .to = talk.end[1] }, 17);
    pid_t child = fork();
    if (child == 0) {
        int fd = sender("far");
        for (uint64_t until = now_ms() + 1500; now_ms() < until;) {
            for (size_t i = 0; i < frames.len; i++) {
                (void)!send(fd, frames.frame[i].bytes.data, frames.frame[i].bytes.len, 0);
            }
        }
        _exit(0);
    }
    for (int i = 0; i < 4; i++) {
        struct cas_capture *capture = open_with(options_for("near"));
        struct cas_frame frame;
        uint64_t got = 0;
        for (uint64_t until = now_ms() + 100; now_ms() < until;) {
            got += cas_capture_next(capture, &frame, NULL) == CAS_CAPTURE_FRAME;
        }
        got += read_to_end(capture);
        ck_assert_uint_gt(got, 0);
        assert_identity(capture, got);
        cas_capture_close(capture);
    }
    int status = 0;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    frames_free(&frames);
}
END_TEST

START_TEST(frames_are_cut_to_the_snaplen)
{
    struct frames frames = some_frames();
    struct cas_live_options options = options_for("near");
    options.snaplen = 56;
    struct cas_capture *capture = open_with(options);
    struct cas_frame frame;
    send_all("far", &frames);
    for (size_t i = 0; i < frames.len; i++) {
        size_t len = frames.frame[i].bytes.len;
        ck_assert_int_eq(next_within(capture, &frame, PATIENCE_MS), CAS_CAPTURE_FRAME);
        ck_assert_uint_eq(frame.wire_len, len);
        ck_assert_uint_eq(frame.bytes.len, len < 56 ? len : 56);
    }
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

START_TEST(only_the_wanted_direction_comes)
{
    struct frames frames = some_frames();
    static const struct {
        const char *iface;
        enum cas_capture_direction direction;
        size_t copies;
    } cases[] = {
        { "near", CAS_CAPTURE_BOTH, 2 }, { "near", CAS_CAPTURE_IN, 1 },
        { "near", CAS_CAPTURE_OUT, 1 },  { "any", CAS_CAPTURE_BOTH, 5 },
        { "any", CAS_CAPTURE_IN, 3 },    { "any", CAS_CAPTURE_OUT, 2 },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cas_live_options options = options_for(cases[i].iface);
        options.direction = cases[i].direction;
        struct cas_capture *capture = open_with(options);
        send_all("far", &frames);
        send_all("near", &frames);
        send_all("lo", &frames);
        uint64_t got = read_to_end(capture);
        ck_assert_uint_eq(got, cases[i].copies * frames.len);
        assert_identity(capture, got);
        cas_capture_close(capture);
    }
    frames_free(&frames);
}
END_TEST

/* The kernel takes the outer tag off a frame that comes in; it must be there again. */
START_TEST(the_default_filter_keeps_tcp_in_tags_and_leaves_out_the_rest)
{
    struct frames wanted = { 0 };
    struct frames others = { 0 };
    struct frame_spec spec = {
        .from = endpoint("192.0.2.1", 50000),
        .to = endpoint("198.51.100.1", 443),
        .flags = SYN,
        .vlan = { 7, 8, 9 },
    };
    for (spec.vlan_len = 0; spec.vlan_len <= 3; spec.vlan_len++) {
        frames_add_tcp(&wanted, &spec);
        if (spec.vlan_len < 3) {
            add_ip(&others, spec, 17);
        }
    }
    struct cas_capture *capture = open_with(options_for("near"));
    send_all("far", &others);
    send_all("far", &wanted);
    assert_frames(capture, &wanted);
    ck_assert_uint_eq(read_to_end(capture), 0);
    assert_identity(capture, wanted.len);
    cas_capture_close(capture);
    frames_free(&wanted);
    frames_free(&others);
}
END_TEST

START_TEST(a_filter_of_the_user_takes_the_place_of_the_default_one)
{
    struct frames frames = some_frames();
    struct cas_live_options options = options_for("near");
    options.filter = "udp or tcp[tcpflags] & tcp-syn != 0";
    options.direction = CAS_CAPTURE_IN;
    struct cas_capture *capture = open_with(options);
    send_all("near", &frames);
    send_all("far", &frames);
    ck_assert_uint_eq(read_to_end(capture), 2);
    assert_identity(capture, 2);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

/* The loopback sends each frame and receives it: it is one. */
START_TEST(on_the_loopback_and_on_any_nothing_comes_twice)
{
    static const char *const ifaces[] = { "lo", "any" };
    struct frames frames = some_frames();
    struct cas_capture *capture = open_with(options_for(ifaces[_i]));
    ck_assert_int_eq(cas_capture_link(capture), CAS_CAPTURE_LINK_UP);
    send_all("lo", &frames);
    uint64_t got = read_to_end(capture);
    ck_assert_uint_eq(got, frames.len);
    assert_identity(capture, got);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

START_TEST(any_gives_the_frames_of_both_ends)
{
    struct frames frames = { 0 };
    struct talk talk = talk_init(&frames);
    talk.spec.vlan[0] = 7;
    talk.spec.vlan_len = 1;
    talk_handshake(&talk);
    talk.spec.vlan_len = 0;
    talk_send(&talk, 0, text_view("hello"), 1460);
    struct cas_capture *capture = open_with(options_for("any"));
    ck_assert_str_eq(cas_capture_link_type(capture), "LINUX_SLL2 (Linux cooked v2)");
    send_all("far", &frames);
    uint64_t got = read_to_end(capture);
    ck_assert_uint_eq(got, 2 * frames.len);
    assert_identity(capture, got);
    cas_capture_close(capture);
    frames_free(&frames);
}
END_TEST

START_TEST(another_link_type_can_be_chosen)
{
    struct cas_live_options options = options_for("any");
    options.link_type = "LINUX_SLL";
    struct cas_capture *capture = open_with(options);
    ck_assert_str_eq(cas_capture_link_type(capture), "LINUX_SLL (Linux cooked v1)");
    cas_capture_close(capture);
}
END_TEST

static void assert_refused(struct cas_live_options options, enum cas_err code,
                           const char *sentence)
{
    struct cas_error error = { 0 };
    struct cas_capture *capture = NULL;
    ck_assert_int_eq(cas_capture_open_live(&options, &capture, &error), code);
    ck_assert_ptr_null(capture);
    ck_assert_msg(strstr(error.text, sentence) != NULL, "\"%s\" is not in \"%s\"", sentence,
                  error.text);
}

START_TEST(what_cannot_be_opened_says_what_to_do)
{
    struct cas_live_options options = options_for("near");
    assert_refused(options_for("nera"), CAS_ERR_GONE,
                   "no interface is called nera; there is near; -D lists all");
    assert_refused(options_for("another-one"), CAS_ERR_GONE,
                   "no interface is called another-one; -D lists those there are");
    assert_refused(options_for(""), CAS_ERR_USAGE, "no interface can be called ");
    assert_refused(options_for("longer-than-fits"), CAS_ERR_USAGE, "no interface can be ");
    assert_refused(options_for("a/b"), CAS_ERR_USAGE, "no interface can be called ");
    assert_refused(options_for("rpcap://192.0.2.1/near"), CAS_ERR_USAGE, "of its own machine");
    assert_refused(options_for("nflog"), CAS_ERR_GONE, "no interface is called nflog");
    options.filter = "tcp prot 443";
    assert_refused(options, CAS_ERR_USAGE, "bad filter \"tcp prot 443\": ");
    options.filter = "tcp) or (udp";
    assert_refused(options, CAS_ERR_USAGE, "bad filter \"tcp) or (udp\": ");
    options.filter = NULL;
    options.link_type = "PPP";
    assert_refused(options, CAS_ERR_USAGE, "near has no link type PPP; it has EN10MB");
    options.link_type = "DOCSIS";
    assert_refused(options, CAS_ERR_USAGE, "which casniff does not decode");
    run("ip link set near down");
    assert_refused(options_for("near"), CAS_ERR_IO, "near is down; bring it up with");
}
END_TEST

START_TEST(without_rights_it_says_which)
{
    ck_assert_int_eq(setuid(65534), 0);
    assert_refused(options_for("near"), CAS_ERR_RIGHTS, "needs the capability CAP_NET_RAW");
}
END_TEST

struct seen {
    bool has_near;
    bool has_lo;
    bool has_any;
    bool has_other;
    bool has_ethernet;
};

static void see_interface(void *user, const struct cas_interface_info *info)
{
    struct seen *seen = user;
    if (strcmp(info->name, "near") == 0) {
        seen->has_near = info->is_up && info->is_running && !info->is_loopback;
    } else if (strcmp(info->name, "lo") == 0) {
        seen->has_lo = info->is_loopback;
    } else if (strcmp(info->name, "any") == 0) {
        seen->has_any = true;
    } else if (strcmp(info->name, "far") != 0) {
        seen->has_other = true;
    }
}

static void see_link_type(void *user, const struct cas_link_type_info *info)
{
    struct seen *seen = user;
    seen->has_ethernet =
        seen->has_ethernet || (strcmp(info->name, "EN10MB") == 0 &&
                               strcmp(info->description, "Ethernet") == 0 && info->is_decoded);
}

START_TEST(interfaces_and_their_link_types_are_listed)
{
    struct seen seen = { 0 };
    char name[CAS_INTERFACE_NAME_MAX] = "";
    ck_assert_int_eq(cas_capture_interfaces(see_interface, &seen, NULL), CAS_OK);
    ck_assert(seen.has_near && seen.has_lo && seen.has_any && !seen.has_other);
    ck_assert_int_eq(cas_capture_link_types("near", see_link_type, &seen, NULL), CAS_OK);
    ck_assert(seen.has_ethernet);
    ck_assert_int_eq(cas_capture_default_interface(name, NULL), CAS_OK);
    ck_assert(strcmp(name, "near") == 0 || strcmp(name, "far") == 0);
    run("ip link del near");
    ck_assert_int_eq(cas_capture_default_interface(name, NULL), CAS_ERR_GONE);
    ck_assert_int_eq(cas_capture_link_types("near", see_link_type, &seen, NULL), CAS_ERR_GONE);
}
END_TEST

/* P9 */
START_TEST(nothing_is_sent)
{
    struct cas_capture *capture = open_with(options_for("near"));
    ck_assert_uint_eq(read_to_end(capture), 0);
    cas_capture_close(capture);
    /* The last line: bytes and packets sent. */
    run("ip -s link show near | tail -1 | grep -Eq '^ *0 +0 '");
}
END_TEST

int main(void)
{
    if (!can_make_pair()) {
        printf("capture_live: no rights to make a network namespace: skipped\n");
        return SKIPPED;
    }
    Suite *suite = suite_create("capture_live");
    TCase *tcase = tcase_create("capture_live");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, make_pair, NULL);
    tcase_add_test(tcase, frames_come_as_they_were_sent_and_soon);
    tcase_add_test(tcase, a_group_shares_connections_and_no_frame_comes_twice);
    tcase_add_test(tcase, times_are_those_of_the_wall_clock);
    tcase_add_test(tcase, an_idle_link_never_blocks);
    tcase_add_test(tcase, a_link_that_is_down_is_waited_for);
    tcase_add_loop_test(tcase, an_interface_that_is_removed_is_gone, 0, 3);
    tcase_add_test(tcase, what_is_dropped_and_what_is_read_is_what_was_received);
    tcase_add_test(tcase, the_statistics_begin_with_the_filter);
    tcase_add_test(tcase, frames_are_cut_to_the_snaplen);
    tcase_add_test(tcase, only_the_wanted_direction_comes);
    tcase_add_test(tcase, the_default_filter_keeps_tcp_in_tags_and_leaves_out_the_rest);
    tcase_add_test(tcase, a_filter_of_the_user_takes_the_place_of_the_default_one);
    tcase_add_loop_test(tcase, on_the_loopback_and_on_any_nothing_comes_twice, 0, 2);
    tcase_add_test(tcase, any_gives_the_frames_of_both_ends);
    tcase_add_test(tcase, another_link_type_can_be_chosen);
    tcase_add_test(tcase, what_cannot_be_opened_says_what_to_do);
    tcase_add_test(tcase, without_rights_it_says_which);
    tcase_add_test(tcase, interfaces_and_their_link_types_are_listed);
    tcase_add_test(tcase, nothing_is_sent);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
