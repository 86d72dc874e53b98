#include "access/scope.h"
#include "base/digest.h"

bool scope_tree_within(struct scope_tree tree, uint32_t number, uint32_t top)
{
    for (int depth = 0; number != 0 && depth < SCOPE_MAX_DEPTH; depth++) {
        if (number == top)
            return true;
        number = number < tree.count ? tree.parents[number] : 0;
    }
    return false;
}

static bool has_unit(const struct refs *units, struct unit_id unit)
{
    for (uint32_t i = 0; i < units->count; i++) {
        if (units->v[i] == unit.v)
            return unit.v != 0;
    }
    return false;
}

/* A bound over a tree; `with_none` says what number 0 means. */
static bool within(struct scope_tree tree, uint32_t number, uint32_t top, bool with_none)
{
    return number == 0 ? with_none : scope_tree_within(tree, number, top);
}

bool scope_holds(const struct scope *s, const struct scope_trees *trees, const struct envelope *e)
{
    if (s->is_none)
        return false;
    if (s->by_kind && !(s->kinds >> e->kind & 1))
        return false;
    if (s->by_class && e->data_class > s->max_class)
        return false;
    if (s->by_area && !within(trees->areas, e->area.v, s->area.v, s->with_no_area))
        return false;
    if (s->by_body && !within(trees->bodies, e->body.v, s->body.v, s->with_no_body))
        return false;
    if (s->by_unit && !has_unit(&e->units, s->unit))
        return false;
    if (s->by_user && (s->user.v == 0 || e->user.v != s->user.v))
        return false;
    return !s->by_open || e->is_open;
}

/* One number for all flags, so that scopes compare and hash without their padding. */
struct plain_scope {
    uint32_t flags, kinds, max_class, area, body, unit, user;
};

static struct plain_scope plain(const struct scope *s)
{
    const bool flags[] = {s->is_none, s->by_class, s->by_area,      s->by_body,      s->by_unit,
                          s->by_user, s->by_open,  s->with_no_area, s->with_no_body, s->by_kind};
    struct plain_scope p = {0};
    if (s->is_none) {
        p.flags = 1;
        return p;
    }
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        p.flags |= flags[i] ? 1u << i : 0;
    p.kinds = s->by_kind ? s->kinds : 0;
    p.max_class = s->by_class ? s->max_class : 0;
    p.area = s->by_area ? s->area.v : 0;
    p.body = s->by_body ? s->body.v : 0;
    p.unit = s->by_unit ? s->unit.v : 0;
    p.user = s->by_user ? s->user.v : 0;
    return p;
}

bool scope_eq(const struct scope *a, const struct scope *b)
{
    struct plain_scope pa = plain(a), pb = plain(b);
    return memcmp(&pa, &pb, sizeof pa) == 0;
}

uint64_t scope_digest(const struct scope *scope)
{
    struct plain_scope p = plain(scope);
    return digest_u64(&p, sizeof p);
}
