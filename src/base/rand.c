#include "base/rand.h"
#include <errno.h>
#include <sys/random.h>

void rand_seed(struct rand *r, uint64_t seed)
{
    *r = (struct rand){.inc = 0xDA3E39CB94B95BDBu};
    (void)rand_u32(r);
    r->state += seed;
    (void)rand_u32(r);
}

/* PCG-XSH-RR 64/32. */
uint32_t rand_u32(struct rand *r)
{
    uint64_t state = r->state;
    r->state = state * 6364136223846793005u + r->inc;
    uint32_t mixed = (uint32_t)((state >> 18 ^ state) >> 27);
    uint32_t turn = (uint32_t)(state >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

uint32_t rand_below(struct rand *r, uint32_t n)
{
    /* Draws below 2^32 mod n would favour small results. */
    uint32_t least = (0 - n) % n, draw = rand_u32(r);
    while (draw < least)
        draw = rand_u32(r);
    return draw % n;
}

double rand_unit(struct rand *r)
{
    uint64_t high = rand_u32(r), bits = high << 21 ^ rand_u32(r) >> 11;
    return (double)bits * 0x1p-53;
}

void rand_secret(void *p, size_t n_bytes)
{
    uint8_t *to = p;
    while (n_bytes) {
        ssize_t got = getrandom(to, n_bytes, 0);
        if (got < 0 && errno != EINTR)
            abort();
        if (got > 0) {
            to += got;
            n_bytes -= (size_t)got;
        }
    }
}
