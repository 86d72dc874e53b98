#include "road/cch_plan_priv.h"
#include "road/vec_priv.h"
#include <string.h>

#define TOP ROAD_NONE

static uint32_t degree(const struct cch *cch, uint32_t v)
{
    return cch->up_first[v + 1] - cch->up_first[v];
}

static uint32_t *room(size_t count)
{
    return malloc((count + 1) * sizeof(uint32_t));
}

struct draft_vertex { /* what is asked of a lower neighbour, side by side */
    uint32_t first_arc, first_push;
    uint32_t panel; /* vertices from here to the end of its panel */
    uint16_t heads;
    bool does_push;
};
struct draft { /* while the plan is made, by vertex */
    const struct cch *cch;
    struct cch_plan *plan;
    /* the plan's arrays */
    struct cch_turn *turns;
    uint32_t *task_first, *task_push, *pushes;
    uint8_t *does_push;
    uint64_t *below; /* triangles of the vertex's subtree */
    uint32_t *task;  /* TOP where no task holds it */
    struct draft_vertex *vertices;
    uint32_t *position; /* of the vertices above the one at hand: their arcs */
    struct vec pulls;
};

static enum err count_triangles(struct draft *draft)
{
    const struct cch *cch = draft->cch;
    for (uint32_t v = 0; v < cch->vertices; v++) {
        uint64_t heads = degree(cch, v);
        if (heads > UINT16_MAX)
            return ERR_LIMIT;
        draft->vertices[v].first_arc = cch->up_first[v];
        draft->vertices[v].heads = (uint16_t)heads;
        if (heads == 0)
            continue;
        draft->below[v] += heads * (heads - 1) / 2;
        draft->below[cch->up_head[cch->up_first[v]]] += draft->below[v];
        draft->plan->triangles += heads * (heads - 1) / 2;
    }
    return OK;
}

static enum err share_out(struct draft *draft)
{
    const struct cch *cch = draft->cch;
    struct cch_plan *plan = draft->plan;
    uint64_t share = plan->triangles / CCH_TASK_SHARE;
    for (uint32_t v = cch->vertices; v-- > 0;) {
        uint32_t parent = degree(cch, v) ? cch->up_head[cch->up_first[v]] : TOP;
        if (draft->below[v] > share)
            draft->task[v] = TOP;
        else if (parent == TOP || draft->task[parent] == TOP)
            draft->task[v] = plan->tasks++;
        else
            draft->task[v] = draft->task[parent];
    }
    draft->task_first = calloc((size_t)plan->tasks + 3, sizeof *draft->task_first);
    draft->task_push = calloc((size_t)plan->tasks + 2, sizeof *draft->task_push);
    plan->task_first = draft->task_first;
    plan->task_push = draft->task_push;
    if (!draft->task_first || !draft->task_push)
        return ERR_LIMIT;
    uint32_t *next = draft->task_first + 1, sum = 0;
    for (uint32_t v = 0; v < cch->vertices; v++)
        next[draft->task[v] == TOP ? plan->tasks : draft->task[v]]++;
    for (uint32_t i = 0; i <= plan->tasks; i++) {
        uint32_t count = next[i];
        next[i] = sum;
        sum += count;
    }
    for (uint32_t v = 0; v < cch->vertices; v++)
        draft->turns[next[draft->task[v] == TOP ? plan->tasks : draft->task[v]]++].vertex = v;
    return OK;
}

/* Few neighbours, and all rows that it would push to are of its own task. */
static bool may_push(const struct draft *draft, uint32_t v)
{
    uint32_t heads = degree(draft->cch, v), end = draft->cch->up_first[v + 1];
    return heads > 1 && heads <= CCH_PUSH_DEGREE &&
           draft->task[draft->cch->up_head[end - 2]] == draft->task[v];
}

static enum err list_pushes(struct draft *draft)
{
    struct cch_plan *plan = draft->plan;
    uint32_t sum = 0;
    for (uint32_t t = 0; t <= plan->tasks; t++) {
        draft->task_push[t] = sum;
        for (uint32_t i = plan->task_first[t]; i < plan->task_first[t + 1]; i++) {
            uint32_t v = plan->turns[i].vertex, heads = degree(draft->cch, v);
            struct draft_vertex *vertex = &draft->vertices[v];
            draft->does_push[v] = vertex->does_push = may_push(draft, v);
            vertex->first_push = sum;
            sum += vertex->does_push ? heads * (heads - 1) / 2 : 0;
        }
    }
    draft->task_push[plan->tasks + 1] = sum;
    plan->pushes = draft->pushes = room(sum);
    return draft->pushes ? OK : ERR_LIMIT;
}

/* A panel: each vertex's parent is the next one and has the same neighbours above. */
static void find_panels(struct draft *draft)
{
    const struct cch *cch = draft->cch;
    for (uint32_t v = cch->vertices; v-- > 0;) {
        struct draft_vertex *at = &draft->vertices[v];
        bool goes_on = at->heads > 0 && cch->up_head[at->first_arc] == v + 1 &&
                       at[1].heads + 1 == at->heads && at[1].does_push == at->does_push &&
                       at[1].panel < UINT16_MAX;
        at->panel = goes_on ? at[1].panel + 1 : 1;
    }
}

/* What reaches the row of v from below: pulls of its own, its place in the pushes of others. */
static enum err plan_vertex(struct draft *draft, uint32_t v)
{
    const struct cch *cch = draft->cch;
    uint32_t last = cch->down_first[v + 1];
    for (uint32_t k = cch->up_first[v]; k < cch->up_first[v + 1]; k++)
        draft->position[cch->up_head[k]] = k;
    for (uint32_t i = cch->down_first[v]; i < last; i++) {
        uint32_t x = cch->down[i].tail, arc = cch->down[i].arc;
        const struct draft_vertex *below = &draft->vertices[x];
        uint32_t at = arc - below->first_arc, above = below->heads - at - 1;
        if (above == 0)
            continue;
        if (below->does_push) {
            /* after the pushes of the `at` arcs before this one */
            uint32_t *push = draft->pushes + below->first_push + at * (below->heads + above) / 2;
            for (uint32_t k = 1; k <= above; k++)
                *push++ = draft->position[cch->up_head[arc + k]];
            continue;
        }
        uint32_t members = v - x < below->panel ? v - x : below->panel;
        struct cch_pull pull = {arc, below->heads - 1u, (uint16_t)above, (uint16_t)members};
        if (VEC_PUSH(&draft->pulls, struct cch_pull, pull))
            return ERR_LIMIT;
        i += members - 1; /* they all stand here, one after the other */
    }
    return OK;
}

static enum err draft_plan(struct draft *draft)
{
    struct cch_plan *plan = draft->plan;
    uint32_t vertices = draft->cch->vertices;
    draft->below = calloc(vertices + (size_t)1, sizeof *draft->below);
    draft->vertices = calloc(vertices + (size_t)1, sizeof *draft->vertices);
    draft->task = room(vertices);
    draft->position = room(vertices);
    plan->turns = draft->turns = malloc((vertices + (size_t)1) * sizeof *draft->turns);
    plan->does_push = draft->does_push = malloc(vertices + (size_t)1);
    if (!draft->below || !draft->vertices || !draft->task || !draft->position || !draft->turns ||
        !draft->does_push)
        return ERR_LIMIT;
    enum err err = count_triangles(draft);
    if (!err)
        err = share_out(draft);
    if (!err)
        err = list_pushes(draft);
    if (!err)
        find_panels(draft);
    for (uint32_t i = 0; i < vertices && !err; i++) {
        draft->turns[i].first_pull = (uint32_t)draft->pulls.count;
        err = plan_vertex(draft, plan->turns[i].vertex);
    }
    draft->turns[vertices] = (struct cch_turn){ROAD_NONE, (uint32_t)draft->pulls.count};
    plan->pulls = draft->pulls.p;
    return err;
}

enum err cch_plan_new(const struct cch *cch, struct cch_plan **ret_plan)
{
    struct draft draft = {.cch = cch, .plan = calloc(1, sizeof *draft.plan)};
    if (!draft.plan)
        return ERR_LIMIT;
    draft.plan->cch = cch;
    enum err err = draft_plan(&draft);
    free(draft.below);
    free(draft.task);
    free(draft.vertices);
    free(draft.position);
    if (err)
        cch_plan_free(draft.plan);
    else
        *ret_plan = draft.plan;
    return err;
}

static void free_const(const void *p)
{
    free((void *)(uintptr_t)p);
}

void cch_plan_free(struct cch_plan *plan)
{
    if (!plan)
        return;
    free_const(plan->turns);
    free_const(plan->task_first);
    free_const(plan->task_push);
    free_const(plan->pulls);
    free_const(plan->pushes);
    free_const(plan->does_push);
    free(plan);
}
