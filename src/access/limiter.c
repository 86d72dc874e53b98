#include "access/limiter.h"

#define WAYS 8

enum { COUNT_PAIR, COUNT_SOURCE, COUNT_ACCOUNT };

static int64_t forgive_us(int count)
{
    return (count == COUNT_SOURCE ? LIMITER_SOURCE_FORGIVE_S : LIMITER_FORGIVE_S) *
           INT64_C(1000000);
}

static uint64_t mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xbf58476d1ce4e5b9);
    x ^= x >> 27;
    x *= UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t key_of(int count, uint64_t account, uint64_t source)
{
    uint64_t a = count == COUNT_SOURCE ? 0 : account, s = count == COUNT_ACCOUNT ? 0 : source;
    uint64_t key = mix(mix(mix((uint64_t)count + 1) ^ a) + s);
    return key == 0 ? 1 : key;
}

static const struct limiter_slot *find(const struct limiter *l, uint64_t key)
{
    for (uint64_t i = 0; i < WAYS; i++) {
        const struct limiter_slot *slot = &l->slots[(key + i) % LIMITER_SLOTS];
        if (slot->key == key)
            return slot;
    }
    return NULL;
}

/* Finds or takes a slot: a free one, else the one that would soonest be forgiven. Known pairs are
 * kept as long as there is another. */
static struct limiter_slot *take(struct limiter *l, uint64_t key)
{
    struct limiter_slot *worst = NULL;
    for (uint64_t i = 0; i < WAYS; i++) {
        struct limiter_slot *slot = &l->slots[(key + i) % LIMITER_SLOTS];
        if (slot->key == key)
            return slot;
        if (!worst || slot->is_known < worst->is_known ||
            (slot->is_known == worst->is_known && slot->full_until_us < worst->full_until_us))
            worst = slot;
    }
    *worst = (struct limiter_slot){.key = key};
    return worst;
}

static int64_t wait_us(const struct limiter_slot *slot, int count, int64_t now_us)
{
    static const int64_t failures[] = {[COUNT_PAIR] = LIMITER_PAIR_FAILURES,
                                       [COUNT_SOURCE] = LIMITER_SOURCE_FAILURES,
                                       [COUNT_ACCOUNT] = LIMITER_ACCOUNT_FAILURES};
    if (!slot)
        return 0;
    int64_t over = slot->full_until_us - now_us - (failures[count] - 1) * forgive_us(count);
    return over > 0 ? over : 0;
}

enum err limiter_ask(const struct limiter *l, uint64_t account, uint64_t source, int64_t now_us,
                     uint32_t *ret_wait_s)
{
    const struct limiter_slot *pair = find(l, key_of(COUNT_PAIR, account, source));
    bool is_known = pair && pair->is_known;
    int64_t wait = wait_us(pair, COUNT_PAIR, now_us);
    int64_t more = wait_us(find(l, key_of(COUNT_SOURCE, account, source)), COUNT_SOURCE, now_us);
    wait = more > wait && !is_known ? more : wait;
    more = wait_us(find(l, key_of(COUNT_ACCOUNT, account, source)), COUNT_ACCOUNT, now_us);
    wait = more > wait && !is_known ? more : wait;
    if (wait == 0)
        return OK;
    *ret_wait_s = (uint32_t)((wait + 999999) / 1000000);
    return ERR_BUSY;
}

void limiter_failed(struct limiter *l, uint64_t account, uint64_t source, int64_t now_us)
{
    for (int count = COUNT_PAIR; count <= COUNT_ACCOUNT; count++) {
        struct limiter_slot *slot = take(l, key_of(count, account, source));
        if (slot->full_until_us < now_us)
            slot->full_until_us = now_us;
        slot->full_until_us += forgive_us(count);
    }
}

void limiter_passed(struct limiter *l, uint64_t account, uint64_t source, int64_t now_us)
{
    struct limiter_slot *slot = take(l, key_of(COUNT_PAIR, account, source));
    slot->full_until_us = now_us;
    slot->is_known = true;
}
