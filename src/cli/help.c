/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/help.h"

#include <stdio.h>

#include "cli/option_table.h"

static void print_option(const struct cas_cli_option *option)
{
    char left[64];
    char letter[8] = "   ";
    if (option->letter != '\0') {
        (void)snprintf(letter, sizeof(letter), "-%c,", option->letter);
    }
    (void)snprintf(left, sizeof(left), "%s --%s%s%s", letter, option->name,
                   option->argument != NULL ? " " : "",
                   option->argument != NULL ? option->argument : "");
    printf("  %-33s %s\n", left, option->help);
}

static void print_options(void)
{
    size_t len = 0;
    const struct cas_cli_option *table = cas_cli_option_table(&len);
    for (size_t i = 0; i < len; i++) {
        if (i == 0 || table[i].section != table[i - 1].section) {
            printf("%s\n", cas_cli_section_name(table[i].section));
        }
        print_option(&table[i]);
    }
}

void cas_cli_help(void)
{
    puts("casniff - read TLS handshakes, and tell whether a server's list of certificate\n"
         "authorities was cut, and why clients then sent no certificate\n"
         "  casniff -r site.pcap                       what the servers in it asked for\n"
         "  casniff -r site.pcap -t roots.pem          ... and what their lists lack\n"
         "  casniff -r site.pcap --client-cert me.pem  ... and why mine was not sent\n"
         "  casniff -r site.pcap --json tcp port 443   events for machines, some packets only\n"
         "  casniff -i eth0 -t roots.pem               watch an interface\n"
         "  casniff --check -i eth0 --duration 30      as a monitoring plugin\n"
         "  casniff --plan -t roots.pem                where each limit would cut this store\n"
         "\n"
         "usage: casniff [-r FILE | -i IFACE | --plan -t PATH]... [OPTION]... [FILTER]\n");
    print_options();
    puts("\n"
         "FILTER is tcpdump's (pcap-filter(7)). TLS 1.3, renegotiations and resumed sessions\n"
         "show no list: casniff says so. Exit: 0 done, 1 failed, 2 usage, 3 damaged input,\n"
         "4 no right to capture, 75 an interface is gone. More: man casniff, casniff.conf");
}
