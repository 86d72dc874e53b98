/* Questions to a store as a stranger would write them. Input, a line each: list, order, cursor,
 * limit, then filters as column, operator (=, >, <, ~) and value. Whatever it is: rows, or a
 * refusal that names the field; never an error of the database. */
#include "base/json.h"
#include "fuzz.h"
#include "store/reader.h"
#include "store/store.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define REALM 7

static char dir[] = "/tmp/anwang-fuzz-query-XXXXXX";
static struct reader *reader;

static int unlink_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void clean_up(void)
{
    reader_close(reader);
    (void)nftw(dir, unlink_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put_incident(struct store_batch *batch, uint32_t n)
{
    struct incident_create create = {.type = STR("noise"), .source = SOURCE_PHONE};
    struct incident_object object = {.stage = INCIDENT_PENDING,
                                     .type = "noise",
                                     .address = "12 Main Street 南京路",
                                     .area = {n % 3},
                                     .received_us = 1000000 * (int64_t)(n / 2)};
    struct out bytes;
    SET_HAS(incident_create, &create, type);
    SET_HAS(incident_create, &create, source);
    SET_HAS(incident_object, &object, stage);
    SET_HAS(incident_object, &object, type);
    SET_HAS(incident_object, &object, address);
    SET_HAS(incident_object, &object, received_us);
    struct event event = {.realm = REALM,
                          .seq = n,
                          .kind = EVENT_incident_received,
                          .version = 1,
                          .object = n,
                          .fields = &create};
    store_batch_event(batch, &event);
    out_init(&bytes, 1u << 16);
    record_write(&record_incident_object, &object, RECORD_STORED, &bytes);
    struct store_row row = {OBJECT_incident, n, n, true, out_view(&bytes)};
    store_batch_state(batch, &row);
    out_done(&bytes);
}

static void on_done(void *ctx, void *token, enum err err)
{
    (void)ctx;
    (void)token;
    MUST(err == OK);
}

static void make_store(void)
{
    struct store_options options = {.realm = REALM, .is_sync = true};
    struct store *store = NULL;
    MUST(mkdtemp(dir));
    MUST(store_open(dir, &options, &store, NULL) == OK);
    struct store_batch *batch = store_batch_new(store, 1);
    for (uint32_t n = 1; n <= 9; n++)
        put_incident(batch, n);
    MUST(store_submit(store, batch, NULL) == OK);
    store_drain(store, on_done, NULL);
    store_close(store);
    MUST(reader_open(dir, &reader, NULL) == OK);
    (void)atexit(clean_up);
}

static void add_filter(struct query *query, struct str line)
{
    static const char signs[] = "=><~";
    for (size_t at = 0; at < line.len; at++) {
        const char *sign = line.p[at] ? strchr(signs, line.p[at]) : NULL;
        if (!sign)
            continue;
        query->filters[query->filter_count++] = (struct query_filter){
            {line.p, at}, (enum query_op)(sign - signs), str_from(line, at + 1)};
        return;
    }
}

static bool is_refusal(enum err err)
{
    return err == ERR_NOT_FOUND || err == ERR_SYNTAX || err == ERR_RANGE || err == ERR_LIMIT ||
           err == ERR_UNSUPPORTED;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct scope everything = {0};
    struct str rest = {(const char *)data, size};
    struct query query = {.scope = &everything};
    struct query_page page = {0};
    struct fault fault = {0};
    struct out out;
    struct json root = {0};
    if (!reader)
        make_store();
    query.view = view_id_of(str_cut(&rest, '\n'));
    query.order = str_cut(&rest, '\n');
    query.cursor = str_cut(&rest, '\n');
    (void)!str_u32(str_cut(&rest, '\n'), &query.limit);
    while (rest.len > 0 && query.filter_count < QUERY_MAX_FILTERS)
        add_filter(&query, str_cut(&rest, '\n'));
    out_init(&out, 8u << 20);
    struct json_out j = json_out_of(&out);
    json_arr(&j);
    enum err err = reader_query(reader, &query, &j, &page, &fault);
    json_arr_end(&j);
    MUST(err == OK || (is_refusal(err) && fault.text && fault.field));
    MUST(json_read(out_view(&out), &root, NULL) == OK);
    MUST(json_count(root) == page.count && page.count <= QUERY_MAX_LIMIT);
    json_free(root);
    if (!err && page.next[0]) { /* what it says is next can be asked for */
        out_reset(&out);
        j = json_out_of(&out);
        query.cursor = str_of(page.next);
        struct query_page after = {0};
        json_arr(&j);
        MUST(reader_query(reader, &query, &j, &after, &fault) == OK && after.count > 0);
    }
    out_done(&out);
    return 0;
}
