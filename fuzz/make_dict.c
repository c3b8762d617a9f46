/* SPDX-License-Identifier: MIT */
/*
 * Prints a dictionary for the fuzzers, from the tables that the parser itself uses: record types with their shortest
 * and longest body, and the words of containers.
 *
 *     make_dict > image.dict
 */
#include <stdio.h>

#include <xenvet/rules.h>

static void octets(const char *name, const unsigned char *p, size_t n) {
    printf("%s=\"", name);
    for (size_t i = 0; i < n; i++)
        printf("\\x%02x", p[i]);
    puts("\"");
}

static void word(const char *name, const char *part, uint32_t a, uint32_t b) {
    unsigned char p[8];
    char whole[96];

    for (unsigned i = 0; i < 4; i++) {
        p[i] = (unsigned char)(a >> 8 * i);
        p[4 + i] = (unsigned char)(b >> 8 * i);
    }
    (void)snprintf(whole, sizeof(whole), "%s_%s", name, part);
    octets(whole, p, sizeof(p));
}

int main(void) {
    static const unsigned char marker[] = {255, 255, 255, 255, 255, 255, 255, 255, 'X', 'E', 'N', 'F', 0, 0, 0, 3};
    struct xv_record_rule rule;

    for (size_t i = 0; i < 64; i++) {
        if (!xv_record_rule_at(i, &rule))
            continue;
        word(rule.name, "shortest", rule.type, rule.min);
        word(rule.name, "longest", rule.type, rule.max);
        if (rule.step > 1)
            word(rule.name, "next", rule.type, rule.min + rule.step);
    }
    octets("libxc_header", marker, sizeof(marker));
    puts("libxl_ident=\"LibxlFmt\"");
    puts("xl_magic=\"Xen saved domain, xl format\"");
    puts("libvirt_magic=\"libvirt-xml\\x0a \\x00 \\x0d\"");
    puts("qemu_magic=\"QEVM\"");
    puts("physmap_key=\"physmap/\"");
    return 0;
}
