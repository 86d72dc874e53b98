/* limiter.h - how often somebody may fail to log in, as a plain struct with `now` given.
 * Layer: access. Threads: one owner.
 *
 * Three leaky counts of failures: of a source, of an account, and of an account from one source.
 * A stranger who fails on somebody's account fills the account's count but cannot lock the owner
 * out: a source from which that account has logged in before answers only for its own failures.
 * Whoever shares a full source waits 5 s at most for each of the others' failures.
 * Fixed memory: of 8 neighbouring slots the emptiest is reused. */
#ifndef ACCESS_LIMITER_H
#define ACCESS_LIMITER_H
#include "base/str.h"

#define LIMITER_SLOTS 8192 /* a power of two */
#define LIMITER_PAIR_FAILURES 5
#define LIMITER_SOURCE_FAILURES 30
#define LIMITER_ACCOUNT_FAILURES 50
/* One failure of a count is forgiven so often; of a source sooner, since many may share one. */
#define LIMITER_FORGIVE_S 60
#define LIMITER_SOURCE_FORGIVE_S 5

struct limiter_slot {
    uint64_t key;
    int64_t full_until_us; /* each failure moves it on by LIMITER_FORGIVE_S */
    bool is_known;         /* pair: logged in well before */
};
struct limiter {
    struct limiter_slot slots[LIMITER_SLOTS];
};

/* account and source: any hashes. OK, or ERR_BUSY with the seconds to wait in *ret_wait_s. */
enum err limiter_ask(const struct limiter *limiter, uint64_t account, uint64_t source,
                     int64_t now_us, uint32_t *ret_wait_s);
void limiter_failed(struct limiter *limiter, uint64_t account, uint64_t source, int64_t now_us);
void limiter_passed(struct limiter *limiter, uint64_t account, uint64_t source, int64_t now_us);
#endif
