/* SPDX-License-Identifier: MIT */
#include "crc32.h"

#define SLICES 16u /* octets that one round takes in */

/*
 * Table k says what an octet with k more behind it does to the sum: tables[k][i]. The sum is linear, so the 256 numbers
 * of a table are the exclusive ors of eight, one for each bit of i, least significant first.
 */
#define BIT0(x, a)                    (x), (x) ^ (a)
#define BIT1(x, a, b)                 BIT0(x, a), BIT0((x) ^ (b), a)
#define BIT2(x, a, b, c)              BIT1(x, a, b), BIT1((x) ^ (c), a, b)
#define BIT3(x, a, b, c, d)           BIT2(x, a, b, c), BIT2((x) ^ (d), a, b, c)
#define BIT4(x, a, b, c, d, e)        BIT3(x, a, b, c, d), BIT3((x) ^ (e), a, b, c, d)
#define BIT5(x, a, b, c, d, e, f)     BIT4(x, a, b, c, d, e), BIT4((x) ^ (f), a, b, c, d, e)
#define BIT6(x, a, b, c, d, e, f, g)  BIT5(x, a, b, c, d, e, f), BIT5((x) ^ (g), a, b, c, d, e, f)
#define TABLE(a, b, c, d, e, f, g, h) BIT6(0u, a, b, c, d, e, f, g), BIT6((uint32_t)(h), a, b, c, d, e, f, g)

static const uint32_t tables[SLICES][256] = {
    {TABLE(0x77073096, 0xee0e612c, 0x076dc419, 0x0edb8832, 0x1db71064, 0x3b6e20c8, 0x76dc4190, 0xedb88320)},
    {TABLE(0x191b3141, 0x32366282, 0x646cc504, 0xc8d98a08, 0x4ac21251, 0x958424a2, 0xf0794f05, 0x3b83984b)},
    {TABLE(0x01c26a37, 0x0384d46e, 0x0709a8dc, 0x0e1351b8, 0x1c26a370, 0x384d46e0, 0x709a8dc0, 0xe1351b80)},
    {TABLE(0xb8bc6765, 0xaa09c88b, 0x8f629757, 0xc5b428ef, 0x5019579f, 0xa032af3e, 0x9b14583d, 0xed59b63b)},
    {TABLE(0x3d6029b0, 0x7ac05360, 0xf580a6c0, 0x30704bc1, 0x60e09782, 0xc1c12f04, 0x58f35849, 0xb1e6b092)},
    {TABLE(0xcb5cd3a5, 0x4dc8a10b, 0x9b914216, 0xec53826d, 0x03d6029b, 0x07ac0536, 0x0f580a6c, 0x1eb014d8)},
    {TABLE(0xa6770bb4, 0x979f1129, 0xf44f2413, 0x33ef4e67, 0x67de9cce, 0xcfbd399c, 0x440b7579, 0x8816eaf2)},
    {TABLE(0xccaa009e, 0x4225077d, 0x844a0efa, 0xd3e51bb5, 0x7cbb312b, 0xf9766256, 0x299dc2ed, 0x533b85da)},
    {TABLE(0x177b1443, 0x2ef62886, 0x5dec510c, 0xbbd8a218, 0xacc04271, 0x82f182a3, 0xde920307, 0x6655004f)},
    {TABLE(0xefc26b3e, 0x04f5d03d, 0x09eba07a, 0x13d740f4, 0x27ae81e8, 0x4f5d03d0, 0x9eba07a0, 0xe6050901)},
    {TABLE(0xc18edfc0, 0x586cb9c1, 0xb0d97382, 0xbac3e145, 0xaef6c4cb, 0x869c8fd7, 0xd64819ef, 0x77e1359f)},
    {TABLE(0x9ba54c6f, 0xec3b9e9f, 0x03063b7f, 0x060c76fe, 0x0c18edfc, 0x1831dbf8, 0x3063b7f0, 0x60c76fe0)},
    {TABLE(0xdd96d985, 0x605cb54b, 0xc0b96a96, 0x5a03d36d, 0xb407a6da, 0xb37e4bf5, 0xbd8d91ab, 0xa06a2517)},
    {TABLE(0x9d0fe176, 0xe16ec4ad, 0x19ac8f1b, 0x33591e36, 0x66b23c6c, 0xcd6478d8, 0x41b9f7f1, 0x8373efe2)},
    {TABLE(0xb9fbdbe8, 0xa886b191, 0x8a7c6563, 0xcf89cc87, 0x44629f4f, 0x88c53e9e, 0xcafb7b7d, 0x4e87f0bb)},
    {TABLE(0xae689191, 0x87a02563, 0xd4314c87, 0x73139f4f, 0xe6273e9e, 0x173f7b7d, 0x2e7ef6fa, 0x5cfdedf4)},
};

/* What eight octets, least significant first, do to the sum when `behind` octets follow them in the round. */
static uint32_t eight(uint64_t octets, unsigned behind) {
    return tables[behind + 7][octets & 0xff] ^ tables[behind + 6][octets >> 8 & 0xff] ^
           tables[behind + 5][octets >> 16 & 0xff] ^ tables[behind + 4][octets >> 24 & 0xff] ^
           tables[behind + 3][octets >> 32 & 0xff] ^ tables[behind + 2][octets >> 40 & 0xff] ^
           tables[behind + 1][octets >> 48 & 0xff] ^ tables[behind][octets >> 56 & 0xff];
}

uint32_t xv_crc32(uint32_t sum, const struct xv_cursor *octets) {
    struct xv_cursor c = *octets;
    uint64_t block[XV_BLOCK_WORDS] = {0};
    uint8_t octet = 0;

    sum = ~sum;
    while (xv_get_block(&c, block)) {
        sum = eight(block[0] ^ sum, 8) ^ eight(block[1], 0);
        sum = eight(block[2] ^ sum, 8) ^ eight(block[3], 0);
        sum = eight(block[4] ^ sum, 8) ^ eight(block[5], 0);
        sum = eight(block[6] ^ sum, 8) ^ eight(block[7], 0);
    }
    while (xv_get_u8(&c, &octet))
        sum = sum >> 8 ^ tables[0][(sum ^ octet) & 0xff];
    return ~sum;
}
