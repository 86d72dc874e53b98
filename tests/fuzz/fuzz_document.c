/* Incident types and response plans: any JSON is either refused with the path of the wrong member,
 * or can be read by everything that reads installed documents. */
#include "desk/types.h"
#include "fuzz.h"

static void try_type(struct json document, struct str code, uint32_t version, struct arena *arena)
{
    struct document_fault fault = {0};
    struct type_proposal proposal;
    struct str question = {0};
    struct json none = {0};
    if (type_document_check(document, none, code, version, arena, &fault) != OK) {
        MUST(fault.reason && fault.path.len >= strlen("document"));
        return;
    }
    MUST(type_document_check(document, document, code, version, arena, &fault) == OK);
    MUST(type_propose(document, none, &proposal, &question) == OK);
    MUST(proposal.priority != PRIORITY_NONE);
    /* a document as answers: wrong questions mostly, never more than refused */
    (void)(type_propose(document, document, &proposal, &question) == OK);
    (void)type_has_disposition(document, code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json document = {0};
    struct document_fault fault = {0};
    struct arena arena;
    if (json_read((struct str){(const char *)data, size}, &document, NULL) != OK)
        return 0;
    struct str code = json_text(json_get(document, "code"));
    uint32_t version = (uint32_t)json_int(json_get(document, "version"));
    arena_init(&arena, 16u << 20);
    try_type(document, code, version, &arena);
    if (plan_document_check(document, code, version, &arena, &fault) != OK)
        MUST(fault.reason && fault.path.len >= strlen("document"));
    arena_done(&arena);
    json_free(document);
    return 0;
}
