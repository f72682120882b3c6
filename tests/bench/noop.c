/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The yardstick: libpcap reads a whole capture, and nothing is done with it. */
#include <stdio.h>
#include <stdlib.h>

#include <pcap/pcap.h>

int main(int argc, char **argv)
{
    char error[PCAP_ERRBUF_SIZE] = "";
    struct pcap_pkthdr *header = NULL;
    const u_char *bytes = NULL;
    unsigned long long packets = 0;
    pcap_t *pcap = argc == 2 ? pcap_open_offline(argv[1], error) : NULL;
    if (pcap == NULL) {
        fprintf(stderr, "usage: noop CAPTURE: %s\n", error);
        return EXIT_FAILURE;
    }
    while (pcap_next_ex(pcap, &header, &bytes) == 1) {
        packets++;
    }
    pcap_close(pcap);
    printf("%llu\n", packets);
    return EXIT_SUCCESS;
}
