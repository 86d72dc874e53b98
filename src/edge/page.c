/* page.c - the built pages, read into memory at start.
 * Files in assets/ carry their hash in the name and never change; pages are always asked for anew.
 * FILE.gz beside FILE is the same packed: for whoever takes gzip, without packing here. */
#include "edge/pages.h"

#include "base/digest.h"
#include "base/file.h"
#include <dirent.h>
#include <sys/stat.h>

#define MAX_FILES 1024
#define MAX_FILE_BYTES (16u << 20)
#define MAX_DEPTH 4
#define PAGE_PATH_CAP 512

/* Nothing from elsewhere; the map's worker and its images are blobs. */
#define POLICY                                                                                     \
    "default-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "                    \
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; "   \
    "frame-ancestors 'none'"

struct page {
    char path[PAGE_PATH_CAP]; /* below the folder, without a slash in front */
    struct http_bytes *bytes;
    const char *type;
    char etag[20];
    bool is_immutable;
};
struct pages {
    struct page *items;
    size_t count;
};

static const char *type_of(const char *path)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
    };
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(dot, types[i][0]) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

static enum err add_file(struct pages *pages, const char *full, const char *path)
{
    struct page *page = &pages->items[pages->count];
    struct out out;
    uint64_t digest;
    if (pages->count == MAX_FILES)
        return ERR_LIMIT;
    out_init(&out, MAX_FILE_BYTES);
    enum err err = file_read(full, &out);
    if (err == OK) {
        digest = digest_u64(out.p, out.len);
        (void)str_copy(str_of(path), page->path, sizeof page->path);
        (void)snprintf(page->etag, sizeof page->etag, "\"%016llx\"", (unsigned long long)digest);
        page->bytes = http_bytes_new(out_view(&out));
        page->type = type_of(path);
        page->is_immutable = strncmp(path, "assets/", 7) == 0;
        pages->count++;
    }
    out_done(&out);
    return err;
}

/* Calls itself at most MAX_DEPTH deep. NOLINTNEXTLINE(misc-no-recursion) */
static enum err add_folder(struct pages *pages, const char *root, const char *below, int depth)
{
    char full[PAGE_PATH_CAP], path[PAGE_PATH_CAP];
    struct dirent *entry;
    struct stat st;
    enum err err = OK;
    int n = snprintf(full, sizeof full, "%s/%s", root, below);
    DIR *dir = n > 0 && n < PAGE_PATH_CAP && depth < MAX_DEPTH ? opendir(full) : NULL;
    if (!dir)
        return depth < MAX_DEPTH ? ERR_NOT_FOUND : OK;
    while (err == OK && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        n = snprintf(path, sizeof path, "%s%s%s", below, *below ? "/" : "", entry->d_name);
        if (n <= 0 || n >= PAGE_PATH_CAP)
            continue;
        n = snprintf(full, sizeof full, "%s/%s", root, path);
        if (n <= 0 || n >= PAGE_PATH_CAP || stat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode))
            err = add_folder(pages, root, path, depth + 1);
        else if (S_ISREG(st.st_mode))
            err = add_file(pages, full, path);
    }
    (void)closedir(dir);
    return err;
}

enum err pages_open(const char *dir, struct pages **ret_pages)
{
    struct pages *pages = calloc(1, sizeof *pages);
    if (pages)
        pages->items = calloc(MAX_FILES, sizeof *pages->items);
    if (!pages || !pages->items)
        abort();
    enum err err = add_folder(pages, dir, "", 0);
    if (err == OK)
        *ret_pages = pages;
    else
        pages_close(pages);
    return err;
}

void pages_close(struct pages *pages)
{
    if (!pages)
        return;
    for (size_t i = 0; i < pages->count; i++)
        http_bytes_unref(pages->items[i].bytes);
    free(pages->items);
    free(pages);
}

static const struct page *find(const struct pages *pages, struct str path)
{
    for (size_t i = 0; i < pages->count; i++) {
        if (str_eq_c(path, pages->items[i].path))
            return &pages->items[i];
    }
    return NULL;
}

/* "" is the front page; a name without a dot is a page: /field is field.html. */
static const struct page *page_for(const struct pages *pages, struct str path, const char *front)
{
    char name[64];
    if (path.len == 0)
        return find(pages, str_of(front));
    const struct page *page = find(pages, path);
    if (page || path.len + 6 > sizeof name || memchr(path.p, '.', path.len))
        return page;
    int n = snprintf(name, sizeof name, STR_FMT ".html", STR_ARG(path));
    return find(pages, (struct str){name, (size_t)n});
}

/* Who gives gzip a weight gets the plain file, which is never wrong. */
static bool takes_gzip(const struct visit *visit)
{
    struct str left = visit_header(visit, "Accept-Encoding");
    while (left.len > 0) {
        if (str_ieq_c(str_trim(str_cut(&left, ',')), "gzip"))
            return true;
    }
    return false;
}

static const struct page *packed(const struct pages *pages, const struct page *page)
{
    char path[PAGE_PATH_CAP];
    int n = snprintf(path, sizeof path, "%s.gz", page->path);
    return n > 0 && n < PAGE_PATH_CAP ? find(pages, (struct str){path, (size_t)n}) : NULL;
}

void pages_answer(const struct pages *pages, struct visit *visit, const char *front)
{
    const struct page *page = pages ? page_for(pages, visit->params[0], front) : NULL;
    if (!page) {
        visit_problem(visit, 404, NULL, NULL);
        return;
    }
    const char *type = page->type;
    const struct page *small = takes_gzip(visit) ? packed(pages, page) : NULL;
    if (small)
        page = small;
    const struct http_field fields[] = {
        {STR("Cache-Control"),
         page->is_immutable ? STR("public, max-age=31536000, immutable") : STR("no-cache")},
        {STR("ETag"), str_of(page->etag)},
        {STR("X-Content-Type-Options"), STR("nosniff")},
        {STR("Referrer-Policy"), STR("no-referrer")},
        {STR("Content-Security-Policy"), STR(POLICY)},
        {STR("Cross-Origin-Opener-Policy"), STR("same-origin")},
        {STR("Vary"), STR("Accept-Encoding")},
        {STR("Content-Encoding"), STR("gzip")}, /* the last: only with packed bytes */
    };
    const size_t count = sizeof fields / sizeof fields[0] - (small ? 0 : 1);
    if (str_eq_c(visit_header(visit, "If-None-Match"), page->etag)) {
        struct http_answer answer = {.status = 304, .fields = fields, .field_count = count};
        visit_answer(visit, &answer);
        return;
    }
    visit_bytes(visit, 200, type, page->bytes, fields, count);
}

void page_get(struct visit *visit)
{
    pages_answer(visit->site->pages, visit, visit->site->front_page);
}
