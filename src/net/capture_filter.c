/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/capture_handle.h"

#define SNAPLEN 262144

/*
 * What is read of an IP packet: TCP, with all fragments of it, for each carries its protocol;
 * and of IPv6 what has an extension header in front: its TCP cannot be found by a filter.
 * 0 hop by hop (also of jumbograms), 43 routing, 44 fragment, 51 authentication,
 * 60 destination, 135 mobility, 139 HIP, 140 shim6.
 */
#define EXTENDED_IPV6                                                                          \
    "(ip6 and (ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 44 or ip6[6] = 51 or ip6[6] = 60"         \
    " or ip6[6] = 135 or ip6[6] = 139 or ip6[6] = 140))"
#define PACKETS "tcp or " EXTENDED_IPV6

/* PPPoE sessions and MPLS: the keywords for what is inside would move all that follows them. */
#define WRAPPED "ether proto 0x8864 or ether proto 0x8847 or ether proto 0x8848"
#define TAGGED  "ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100"

/*
 * The best first. After the word `vlan` everything is looked for behind a tag, so it stands
 * last; it finds tags that the card or the kernel has taken off the frame as well. A third tag
 * lets everything through. Where the compiler does not know the word the EtherType must do.
 */
static const char *const defaults[] = {
    PACKETS " or " WRAPPED " or (vlan and (" PACKETS " or " WRAPPED " or (vlan and (" PACKETS
            " or " WRAPPED " or " TAGGED "))))",
    PACKETS " or " WRAPPED " or " TAGGED,
    PACKETS,
    "",
};

static bool compiles(pcap_t *pcap, const char *expression)
{
    struct bpf_program program;
    if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        return false;
    }
    pcap_freecode(&program);
    return true;
}

static enum cas_err compile(pcap_t *pcap, const char *expression, struct bpf_program *program,
                            struct cas_error *out_error)
{
    if (pcap_compile(pcap, program, expression, 1, PCAP_NETMASK_UNKNOWN) != 0) {
        return cas_error_set(out_error, CAS_ERR_USAGE,
                             "bad filter \"%.200s\": %s; pcap-filter(7) has the syntax",
                             expression, pcap_geterr(pcap));
    }
    return CAS_OK;
}

enum cas_err cas_capture_set_filter(pcap_t *pcap, const char *expression,
                                    struct cas_error *out_error)
{
    struct bpf_program program;
    enum cas_err err = compile(pcap, expression, &program, out_error);
    if (err != CAS_OK) {
        return err;
    }
    int result = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    if (result != 0) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "cannot set the filter: %s",
                             pcap_geterr(pcap));
    }
    return CAS_OK;
}

enum cas_err cas_capture_check_filter(const char *filter, struct cas_error *out_error)
{
    struct bpf_program program;
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, SNAPLEN);
    enum cas_err err = CAS_OK;
    if (pcap == NULL) {
        return cas_error_set(out_error, CAS_ERR_NOMEM, "out of memory");
    }
    if (filter != NULL && filter[0] != '\0') {
        err = compile(pcap, filter, &program, out_error);
        if (err == CAS_OK) {
            pcap_freecode(&program);
        }
    }
    pcap_close(pcap);
    return err;
}

const char *cas_capture_default_filter(pcap_t *pcap)
{
    size_t i = 0;
    while (defaults[i][0] != '\0' && !compiles(pcap, defaults[i])) {
        i++;
    }
    return defaults[i];
}

enum cas_err cas_capture_set_live_filter(struct cas_capture *capture, const char *filter,
                                         struct cas_error *out_error)
{
    if (filter == NULL || filter[0] == '\0') {
        filter = cas_capture_default_filter(capture->pcap);
    }
    enum cas_err err = cas_capture_set_filter(capture->pcap, filter, out_error);
    return err == CAS_OK ? cas_capture_take_over_filter(capture, out_error) : err;
}
