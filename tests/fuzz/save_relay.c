/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a unit of fuzz_relay on stdout: its first byte, and what a reader hands over of a
 * capture. To be made again whenever what crosses is another:
 *
 *     for unit in tests/fuzz/corpus/relay/NAME
 *     save_relay $((0x$(head -c 1 $unit | xxd -p))) pcaps/NAME.pcap > new; mv new $unit
 */
#include <stdio.h>
#include <stdlib.h>

#include <casniff/capture.h>
#include <casniff/relay.h>
#include <casniff/sniffer.h>

#define SAVES_PACKETS 4

static void put(void *user, struct cas_view message)
{
    const uint8_t head[3] = { (uint8_t)(message.len >> 16), (uint8_t)(message.len >> 8),
                              (uint8_t)message.len };
    (void)user;
    fwrite(head, 1, sizeof(head), stdout);
    fwrite(message.data, 1, message.len, stdout);
}

/* Asks for packets, which cross as the rest does. */
static void keep_packets(void *user, const struct cas_evidence *evidence)
{
    (void)user;
    (void)evidence;
}

static enum cas_capture_next read_all(struct cas_capture *capture, struct cas_sniffer *reader)
{
    struct cas_frame frame = { 0 };
    enum cas_capture_next next = CAS_CAPTURE_END;
    while ((next = cas_capture_next(capture, &frame, NULL)) == CAS_CAPTURE_FRAME) {
        cas_sniffer_push(reader, &frame);
    }
    cas_sniffer_finish(reader);
    return next;
}

int main(int argc, char **argv)
{
    struct cas_error error = { 0 };
    struct cas_capture *capture = NULL;
    struct cas_sniffer_config config = cas_sniffer_defaults();
    if (argc != 3 || cas_capture_open_file(argv[2], "", &capture, &error) != CAS_OK) {
        fprintf(stderr, "usage: save_relay CHOICE CAPTURE: %s\n", error.text);
        return EXIT_FAILURE;
    }
    unsigned long choice = strtoul(argv[1], NULL, 10);
    config.relay.message = put;
    if ((choice & SAVES_PACKETS) != 0) {
        config.evidence.packets = keep_packets;
    }
    struct cas_sniffer *reader = cas_sniffer_create(&config);
    if (reader == NULL) {
        cas_capture_close(capture);
        return EXIT_FAILURE;
    }
    putchar((int)choice);
    enum cas_capture_next next = read_all(capture, reader);
    cas_sniffer_destroy(reader);
    cas_capture_close(capture);
    return next == CAS_CAPTURE_END && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
