/* rand.h - seeded random numbers for tests, simulation and load, and secrets from the kernel.
 * Layer: base. PCG32 (O'Neill 2014). Only main and this file may seed from the kernel. */
#ifndef BASE_RAND_H
#define BASE_RAND_H
#include <stddef.h>
#include <stdint.h>

struct rand {
    uint64_t state, inc;
};
void rand_seed(struct rand *r, uint64_t seed);
uint32_t rand_u32(struct rand *r);
uint32_t rand_below(struct rand *r, uint32_t n); /* unbiased, n > 0 */
double rand_unit(struct rand *r);                /* [0, 1) */
void rand_secret(void *p, size_t n_bytes);       /* kernel; aborts if it cannot */
#endif
