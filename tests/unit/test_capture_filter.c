/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the default filter of a live capture lets through, on every link type decoded. */
#include "net/capture_handle.h"
#include "support/frames.h"
#include "support/support.h"

/* How the link types begin in front of IPv4, written from their specifications. */
static const struct {
    int type;
    const char *header;
} links[] = {
    { DLT_EN10MB, "020000000001 020000000002 0800" },
    { DLT_LINUX_SLL, "0000 0001 0006 020000000001 0000 0800" },
    { DLT_LINUX_SLL2, "0800 0000 00000002 0001 00 06 020000000001 0000" },
    { DLT_NULL, "02000000" },
    { DLT_LOOP, "00000002" },
    { DLT_RAW, "" },
    { DLT_PPP, "ff03 0021" },
};
#define LINKS (sizeof(links) / sizeof(links[0]))

static const struct frame_spec segment = {
    .from = { .family = 4, .address = { 192, 0, 2, 1 }, .port = 50000 },
    .to = { .family = 4, .address = { 198, 51, 100, 1 }, .port = 443 },
    .flags = SYN,
};

/* One link type's default filter, compiled. */
struct filter {
    pcap_t *pcap;
    struct bpf_program program;
};

static struct filter filter_for(int link_type)
{
    struct filter filter = { .pcap = pcap_open_dead(link_type, 262144) };
    ck_assert_ptr_nonnull(filter.pcap);
    const char *expression = cas_capture_default_filter(filter.pcap);
    ck_assert_int_eq(pcap_compile(filter.pcap, &filter.program, expression, 1, 0), 0);
    return filter;
}

static void filter_free(struct filter *filter)
{
    pcap_freecode(&filter->program);
    pcap_close(filter->pcap);
}

static bool passes(const struct filter *filter, struct cas_view frame)
{
    struct pcap_pkthdr header = {
        .caplen = (bpf_u_int32)frame.len,
        .len = (bpf_u_int32)frame.len,
    };
    return pcap_offline_filter(&filter->program, &header, frame.data) != 0;
}

/* A link header and what follows it, both in hex, the latter in IPv4 if it has a protocol. */
static bool passes_ip(const struct filter *filter, const char *header, uint8_t protocol)
{
    uint8_t rest[20] = { 0 };
    struct cas_buf bytes = cas_buf_init(SIZE_MAX, NULL);
    struct cas_view link = hex_copy(header);
    cas_buf_append(&bytes, link);
    append_ip_header(&bytes, &segment, protocol, sizeof(rest));
    cas_buf_append(&bytes, cas_view_of(rest, sizeof(rest)));
    bool is_through = passes(filter, cas_buf_view(&bytes));
    exact_free(link);
    cas_buf_finish(&bytes);
    return is_through;
}

static bool passes_hex(const struct filter *filter, const char *hex)
{
    struct cas_view bytes = hex_copy(hex);
    bool is_through = passes(filter, bytes);
    exact_free(bytes);
    return is_through;
}

START_TEST(tcp_passes_and_udp_does_not_on_every_link)
{
    struct filter filter = filter_for(links[_i].type);
    ck_assert(passes_ip(&filter, links[_i].header, 6));
    ck_assert(!passes_ip(&filter, links[_i].header, 17));
    filter_free(&filter);
}
END_TEST

#define ADDRESSES "020000000001 020000000002 "

START_TEST(tags_are_looked_behind)
{
    static const struct {
        const char *header;
        bool is_udp_through; /* behind what is not looked into */
    } cases[] = {
        { ADDRESSES "8100 0007 0800", false },
        { ADDRESSES "88a8 0007 8100 0008 0800", false },
        { ADDRESSES "88a8 0007 8100 0008 8100 0009 0800", true },
        { ADDRESSES "8864 1100 0001 0032 0021", true },
        { ADDRESSES "8100 0007 8864 1100 0001 0032 0021", true },
        { ADDRESSES "8847 00010140", true },
        { ADDRESSES "8100 0007 8847 00010140", true },
    };
    struct filter filter = filter_for(DLT_EN10MB);
    ck_assert(passes_ip(&filter, cases[_i].header, 6));
    ck_assert_int_eq(passes_ip(&filter, cases[_i].header, 17), cases[_i].is_udp_through);
    filter_free(&filter);
}
END_TEST

START_TEST(cooked_frames_with_a_tag_pass)
{
    struct filter cooked = filter_for(DLT_LINUX_SLL);
    struct filter cooked2 = filter_for(DLT_LINUX_SLL2);
    ck_assert(passes_ip(&cooked, "0000 0001 0006 020000000001 0000 8100 0007 0800", 6));
    ck_assert(
        passes_ip(&cooked2, "8100 0000 00000002 0001 00 06 020000000001 0000 0007 0800", 6));
    filter_free(&cooked);
    filter_free(&cooked2);
}
END_TEST

#define IPV6_ENDS "20010db8000000000000000000000001 20010db8000000000000000000000002 "

/* Each fragment carries the protocol, and no ports but the first. */
START_TEST(fragments_and_extension_headers_pass)
{
    static const struct {
        const char *frame;
        bool is_through;
    } cases[] = {
        /* IPv4, offset 185 * 8: TCP, UDP */
        { ADDRESSES "0800 45000028 0001 20b9 4006 0000 c0000201 c6336401 0000", true },
        { ADDRESSES "0800 45000028 0001 20b9 4011 0000 c0000201 c6336401 0000", false },
        { ADDRESSES "86dd 60000000 0008 06 40" IPV6_ENDS "c35001bb 00000000", true },
        { ADDRESSES "86dd 60000000 0008 11 40" IPV6_ENDS "c35001bb 00000000", false },
        /* a fragment at 1440; hop by hop with a jumbo payload; destination options */
        { ADDRESSES "86dd 60000000 0010 2c 40" IPV6_ENDS "060005a1 00000001 00", true },
        { ADDRESSES "86dd 60000000 0000 00 40" IPV6_ENDS "0600c204 00020000 00", true },
        { ADDRESSES "86dd 60000000 0010 3c 40" IPV6_ENDS "06000104 00000000 00", true },
    };
    struct filter filter = filter_for(DLT_EN10MB);
    ck_assert_int_eq(passes_hex(&filter, cases[_i].frame), cases[_i].is_through);
    filter_free(&filter);
}
END_TEST

START_TEST(what_has_no_ip_does_not_pass)
{
    struct filter filter = filter_for(DLT_EN10MB);
    ck_assert(!passes_hex(&filter, ADDRESSES "0806 0001 0800 0604 0001" /* ARP */
                                             "020000000001 c0000201 000000000000 c6336401"));
    ck_assert(!passes_hex(&filter, ADDRESSES "88cc 0207 0402 0000 0000 0000")); /* LLDP */
    filter_free(&filter);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("capture_filter");
    TCase *tcase = tcase_create("capture_filter");
    tcase_add_loop_test(tcase, tcp_passes_and_udp_does_not_on_every_link, 0, LINKS);
    tcase_add_loop_test(tcase, tags_are_looked_behind, 0, 7);
    tcase_add_test(tcase, cooked_frames_with_a_tag_pass);
    tcase_add_loop_test(tcase, fragments_and_extension_headers_pass, 0, 7);
    tcase_add_test(tcase, what_has_no_ip_does_not_pass);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
