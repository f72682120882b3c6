/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include <pcap/dlt.h>

#include "load.h"

#define LINK_LEN    14
#define IP_LEN      20
#define TCP_LEN     20
#define UDP_LEN     8
#define HEADERS_MAX (LINK_LEN + IP_LEN + TCP_LEN)
#define FRAME_MAX   (HEADERS_MAX + LOAD_SEGMENT)

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* A connection being written. */
struct talk {
    struct load_template template;
    struct dice *dice;
    uint32_t seq[2]; /* of each side's next byte */
};

/* Ethernet, IPv4 and the first bytes of what follows; the addresses are set for each clone. */
static size_t put_headers(uint8_t *frame, uint8_t protocol, size_t header_len, size_t len)
{
    uint8_t *ip = frame + LINK_LEN;
    memset(frame, 0, HEADERS_MAX);
    memset(frame, 2, 12); /* locally administered addresses */
    wire_put16(frame + 12, 0x0800);
    ip[0] = 0x45;
    wire_put16(ip + 2, (uint32_t)(IP_LEN + header_len + len));
    ip[8] = 64;
    ip[9] = protocol;
    return LINK_LEN + IP_LEN + header_len;
}

static void add(struct talk *talk, bool is_reply, const uint8_t *frame, size_t len)
{
    struct wire_packet p = wire_packet_of(frame, len, (uint32_t)len, DLT_EN10MB);
    load_template_add(&talk->template, p, (struct load_mark){ .is_reply = is_reply });
}

static void segment(struct talk *talk, bool is_reply, uint8_t flags, const uint8_t *data,
                    size_t len)
{
    uint8_t frame[FRAME_MAX];
    unsigned own = is_reply ? 1 : 0;
    size_t at = put_headers(frame, PROTOCOL_TCP, TCP_LEN, len);
    uint8_t *tcp = frame + LINK_LEN + IP_LEN;
    wire_put32(tcp + 4, talk->seq[own]);
    wire_put32(tcp + 8, (flags & WIRE_ACK) != 0 ? talk->seq[1 - own] : 0);
    tcp[12] = TCP_LEN / 4 << 4;
    tcp[13] = flags;
    wire_put16(tcp + 14, 65535);
    if (len > 0) {
        memcpy(frame + at, data, len);
    }
    talk->seq[own] += (uint32_t)len + ((flags & (WIRE_SYN | WIRE_FIN)) != 0 ? 1 : 0);
    add(talk, is_reply, frame, at + len);
}

static void datagram(struct talk *talk, bool is_reply, const uint8_t *data, size_t len)
{
    uint8_t frame[FRAME_MAX];
    size_t at = put_headers(frame, PROTOCOL_UDP, UDP_LEN, len);
    wire_put16(frame + LINK_LEN + IP_LEN + 4, (uint32_t)(UDP_LEN + len));
    memcpy(frame + at, data, len);
    add(talk, is_reply, frame, at + len);
}

static struct talk talk_begin(struct dice *dice, uint16_t port)
{
    return (struct talk){
        .template = { .server_port = port, .family = 4 },
        .dice = dice,
        .seq = { (uint32_t)dice_roll(dice, UINT32_MAX), (uint32_t)dice_roll(dice, UINT32_MAX) },
    };
}

static void talk_end(struct load_templates *templates, struct talk *talk)
{
    talk->template.pause = talk->template.row.len;
    load_templates_add(templates, talk->template);
}

static void tcp_open(struct talk *talk)
{
    segment(talk, false, WIRE_SYN, NULL, 0);
    segment(talk, true, WIRE_SYN | WIRE_ACK, NULL, 0);
    segment(talk, false, WIRE_ACK, NULL, 0);
}

static void tcp_close(struct talk *talk)
{
    segment(talk, true, WIRE_ACK | WIRE_FIN, NULL, 0);
    segment(talk, false, WIRE_ACK | WIRE_FIN, NULL, 0);
    segment(talk, true, WIRE_ACK, NULL, 0);
}

static void say(struct talk *talk, bool is_reply, const char *text)
{
    segment(talk, is_reply, WIRE_ACK | WIRE_PSH, (const uint8_t *)text, strlen(text));
}

/* So many random bytes, acknowledged every other segment. */
static void pour(struct talk *talk, bool is_reply, size_t len)
{
    uint8_t data[LOAD_SEGMENT];
    for (size_t at = 0, k = 0; at < len; at += sizeof(data), k++) {
        size_t piece = len - at < sizeof(data) ? len - at : sizeof(data);
        for (size_t i = 0; i < piece; i++) {
            data[i] = (uint8_t)dice_roll(talk->dice, 256);
        }
        segment(talk, is_reply, WIRE_ACK, data, piece);
        if (k % 2 == 1) {
            segment(talk, !is_reply, WIRE_ACK, NULL, 0);
        }
    }
}

static void http(struct load_templates *templates, struct dice *dice)
{
    struct talk talk = talk_begin(dice, 80);
    tcp_open(&talk);
    for (unsigned i = 0; i < 3; i++) {
        say(&talk, false,
            "GET /index.html HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: curl/7.88.1\r\n"
            "Accept: */*\r\n\r\n");
        say(&talk, true,
            "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: image/png\r\n"
            "Content-Length: 20000\r\n\r\n");
        pour(&talk, true, 20000);
    }
    tcp_close(&talk);
    talk_end(templates, &talk);
}

static void dns(struct load_templates *templates, struct dice *dice)
{
    static const uint8_t query[] = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\3www\7example\3com\0\0\1\0";
    static const uint8_t answer[] =
        "\x12\x34\x81\x80\0\1\0\1\0\0\0\0\3www\7example\3com\0\0\1\0\1"
        "\xc0\x0c\0\1\0\1\0\0\x0e\x10\0\4\xc0\0\2";
    struct talk talk = talk_begin(dice, 53);
    datagram(&talk, false, query, sizeof(query));
    datagram(&talk, true, answer, sizeof(answer));
    talk_end(templates, &talk);
}

static void quic(struct load_templates *templates, struct dice *dice)
{
    uint8_t data[1200];
    struct talk talk = talk_begin(dice, 443);
    for (unsigned k = 0; k < 30; k++) {
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)dice_roll(dice, 256);
        }
        data[0] = k < 2 ? 0xc0 : 0x40;
        datagram(&talk, k % 5 != 0, data, k % 5 != 0 || k < 2 ? sizeof(data) : 40);
    }
    talk_end(templates, &talk);
}

static void ssh(struct load_templates *templates, struct dice *dice)
{
    struct talk talk = talk_begin(dice, 22);
    tcp_open(&talk);
    say(&talk, true, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
    say(&talk, false, "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n");
    pour(&talk, false, 1500);
    pour(&talk, true, 1100);
    for (unsigned i = 0; i < 20; i++) {
        pour(&talk, false, 36);
        pour(&talk, true, 100 + 10 * i);
    }
    tcp_close(&talk);
    talk_end(templates, &talk);
}

static void database(struct load_templates *templates, struct dice *dice)
{
    struct talk talk = talk_begin(dice, 5432);
    tcp_open(&talk);
    for (unsigned i = 0; i < 10; i++) {
        say(&talk, false, "Q: SELECT name, value FROM settings WHERE name LIKE 'max_%'");
        pour(&talk, true, 2000);
    }
    tcp_close(&talk);
    talk_end(templates, &talk);
}

static void begun_before(struct load_templates *templates, struct dice *dice)
{
    struct talk talk = talk_begin(dice, 9000);
    pour(&talk, true, 30000);
    talk_end(templates, &talk);
}

void load_others(struct load_templates *templates, struct dice *dice)
{
    http(templates, dice);
    dns(templates, dice);
    quic(templates, dice);
    ssh(templates, dice);
    database(templates, dice);
    begun_before(templates, dice);
}
