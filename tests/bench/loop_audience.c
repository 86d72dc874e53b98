#include "loop_audience.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#define JOIN_US 25000000

struct subscriber {
    struct audience *audience;
    struct http_client *client;
    uint64_t heard;
};

struct audience {
    struct audience_plan plan;
    struct rig rig; /* with a loop of its own */
    struct subscriber *list;
    struct audience_heard *by_seq;
    uint32_t lost;
    pthread_t thread;
    atomic_bool is_listening, is_over;
};

/* The id says up to which seq everything has been considered: all before it has been heard. Reading
 * the bodies would measure this program and not the server. */
static void heard_event(void *ctx, const struct http_event *event)
{
    struct subscriber *s = ctx;
    const struct audience_plan *plan = &s->audience->plan;
    struct str number = event->id;
    uint64_t seq;
    (void)str_cut(&number, '-');
    if (number.len == 0 || str_u64(number, &seq) != OK || seq <= s->heard)
        return;
    const int64_t now_us = net_mono_us();
    for (uint64_t i = s->heard + 1; i <= seq && i - plan->first_seq < plan->seq_cap; i++) {
        struct audience_heard *heard = &s->audience->by_seq[i - plan->first_seq];
        heard->count++;
        heard->last_us = now_us;
    }
    s->heard = seq;
}

static void stream_ended(void *ctx, const struct http_client_answer *answer)
{
    struct subscriber *s = ctx;
    (void)answer;
    if (!atomic_load(&s->audience->is_over))
        s->audience->lost++;
}

static void subscribe(struct audience *a, struct subscriber *s, const char *token)
{
    char bearer[RIG_TOKEN_CAP + 16];
    *s = (struct subscriber){a, rig_client(&a->rig), a->plan.first_seq - 1};
    (void)snprintf(bearer, sizeof bearer, "Bearer %s", token);
    const struct http_field field = {STR("Authorization"), str_of(bearer)};
    const struct http_client_request request = {
        .target = STR("/api/v1/push"), .fields = &field, .field_count = 1};
    if (http_client_events(s->client, &request, heard_event, stream_ended, s) != OK)
        a->lost++;
}

static void *listen_all(void *ctx)
{
    struct audience *a = ctx;
    const struct audience_plan *plan = &a->plan;
    const int64_t from_us = net_mono_us();
    for (uint32_t i = 0; i < plan->subscriber_count; i++) {
        subscribe(a, &a->list[i], plan->tokens[i % plan->token_count]);
        loop_turn(a->rig.loop, i % 4 == 3 ? 8 : 0);
    }
    while (net_mono_us() - from_us < JOIN_US)
        loop_turn(a->rig.loop, 50);
    atomic_store(&a->is_listening, true);
    while (!atomic_load(&a->is_over))
        loop_turn(a->rig.loop, 50);
    for (uint32_t i = 0; i < plan->subscriber_count; i++)
        http_client_free(a->list[i].client);
    loop_free(a->rig.loop);
    return NULL;
}

struct audience *audience_open(const struct audience_plan *plan)
{
    struct audience *a = calloc(1, sizeof *a);
    assert(a);
    a->plan = *plan;
    a->rig = *plan->rig;
    a->rig.loop = loop_new();
    a->list = calloc(plan->subscriber_count, sizeof *a->list);
    a->by_seq = calloc(plan->seq_cap, sizeof *a->by_seq);
    assert(a->list && a->by_seq);
    if (pthread_create(&a->thread, NULL, listen_all, a) != 0)
        abort();
    while (!atomic_load(&a->is_listening))
        loop_turn(plan->rig->loop, 50);
    return a;
}

void audience_end(struct audience *a)
{
    atomic_store(&a->is_over, true);
    (void)pthread_join(a->thread, NULL);
}

uint32_t audience_lost(const struct audience *a)
{
    return a->lost;
}

struct audience_heard audience_heard(const struct audience *a, uint64_t seq)
{
    const uint64_t at = seq - a->plan.first_seq;
    return at < a->plan.seq_cap ? a->by_seq[at] : (struct audience_heard){0, 0};
}

void audience_free(struct audience *a)
{
    free(a->by_seq);
    free(a->list);
    free(a);
}
