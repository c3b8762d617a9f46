// SPDX-License-Identifier: MIT
// pages DOMID FIRST COUNT: a line with number and sum for each page of an HVM or PVH guest that exists in this range,
// so that two guests are compared page by page. (xl dump-core looks at the whole hole below 4 GiB: minutes.)
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <xenforeignmemory.h>

static uint64_t sum(const uint8_t *page) {
    uint64_t hash = 0xcbf29ce484222325; // FNV-1a
    for (size_t i = 0; i < 4096; i++)
        hash = (hash ^ page[i]) * 0x100000001b3;
    return hash;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    uint32_t domain = (uint32_t)strtoul(argv[1], NULL, 0);
    xen_pfn_t first = strtoul(argv[2], NULL, 0), count = strtoul(argv[3], NULL, 0);
    xenforeignmemory_handle *memory = xenforeignmemory_open(NULL, 0);
    if (memory == NULL) {
        perror("xenforeignmemory_open");
        return 1;
    }
    for (xen_pfn_t pfn = first; pfn < first + count; pfn++) {
        int error = 0;
        void *page = xenforeignmemory_map(memory, domain, PROT_READ, 1, &pfn, &error);
        if (page == NULL)
            continue;
        if (error == 0)
            printf("%" PRIx64 " %016" PRIx64 "\n", (uint64_t)pfn, sum(page));
        xenforeignmemory_unmap(memory, page, 1);
    }
    return 0;
}
