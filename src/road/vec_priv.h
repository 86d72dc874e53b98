/* vec_priv.h - growing arrays that report ERR_LIMIT where base would abort.
 * Layer: road, inside only. */
#ifndef ROAD_VEC_PRIV_H
#define ROAD_VEC_PRIV_H
#include "base/err.h"
#include <stdlib.h>

struct vec {
    void *p;
    size_t count, cap;
};

/* Room for `more` further items of `size` bytes. ERR_LIMIT: no memory; the vec is as before. */
static inline enum err vec_room(struct vec *vec, size_t more, size_t size)
{
    size_t cap = vec->cap ? vec->cap : 64;
    void *p;
    if (more <= vec->cap - vec->count)
        return OK;
    if (more > SIZE_MAX / 4 - vec->count)
        return ERR_LIMIT;
    while (cap - vec->count < more)
        cap *= 2;
    p = reallocarray(vec->p, cap, size);
    if (!p)
        return ERR_LIMIT;
    vec->p = p;
    vec->cap = cap;
    return OK;
}

static inline void vec_done(struct vec *vec)
{
    free(vec->p);
    *vec = (struct vec){0};
}

/* Appends one item. */
#define VEC_PUSH(vec, type, ...)                                                                   \
    (vec_room((vec), 1, sizeof(type)) == OK                                                        \
         ? (((type *)(vec)->p)[(vec)->count++] = (__VA_ARGS__), OK)                                \
         : ERR_LIMIT)
#define VEC(vec, type) ((type *)(vec)->p)
#endif
