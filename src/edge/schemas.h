/* schemas.h - JSON Schemas of answers that are no rows, as they stand in the OpenAPI document.
 * Layer: edge, private. */
#ifndef EDGE_SCHEMAS_H
#define EDGE_SCHEMAS_H

#define S_TEXT "{\"type\":\"string\"}"
#define S_INT "{\"type\":\"integer\"}"
#define S_NUM "{\"type\":\"number\"}"
#define S_BOOL "{\"type\":\"boolean\"}"
#define S_TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define S_OPT_TEXT "{\"type\":[\"string\",\"null\"]}"
#define S_OPT_INT "{\"type\":[\"integer\",\"null\"]}"
#define S_OPT_NUM "{\"type\":[\"number\",\"null\"]}"
#define S_MAP "{\"type\":\"object\"}"
#define S_LIST(of) "{\"type\":\"array\",\"items\":" of "}"
#define S_PLACE "{\"$ref\":\"#/components/schemas/place\"}"
#define S_OPT_PLACE "{\"oneOf\":[{\"type\":\"null\"}," S_PLACE "]}"
#define S_OBJ(need, members)                                                                       \
    "{\"type\":\"object\",\"required\":[" need "],\"properties\":{" members "}}"

#define SCHEMA_ANY S_MAP
#define SCHEMA_SESSION                                                                             \
    S_OBJ("\"user\",\"csrf\",\"expires\",\"realm\",\"city\",\"zone\",\"languages\"",               \
          "\"user\":" S_OBJ("\"id\",\"login\",\"name\",\"role\"",                                  \
                            "\"id\":" S_TEXT ",\"login\":" S_TEXT ",\"name\":" S_TEXT              \
                            ",\"role\":" S_TEXT ",\"body\":" S_TEXT ",\"area\":" S_TEXT            \
                            ",\"unit\":" S_TEXT) ",\"csrf\":" S_TEXT ",\"expires\":" S_TIME        \
                                                 ",\"realm\":" S_INT ",\"city\":" S_TEXT           \
                                                 ",\"zone\":" S_TEXT ",\"languages\":" S_LIST(     \
                                                     S_TEXT) ",\"token\":" S_TEXT)
#define SCHEMA_LOG_ITEM                                                                            \
    S_OBJ("\"seq\",\"event\",\"object\",\"at\",\"recorded\",\"at_source\",\"fields\"",             \
          "\"seq\":" S_INT ",\"event\":" S_TEXT ",\"object\":" S_TEXT ",\"at\":" S_TIME            \
          ",\"recorded\":" S_TIME ",\"at_source\":" S_OPT_TEXT                                     \
          ",\"actor\":{\"type\":[\"object\",\"null\"]},\"role\":" S_OPT_TEXT ",\"fields\":" S_MAP)
#define SCHEMA_LOG                                                                                 \
    S_OBJ("\"items\",\"next\",\"as_of\"",                                                          \
          "\"items\":" S_LIST(SCHEMA_LOG_ITEM) ",\"next\":" S_OPT_TEXT ",\"as_of\":" S_INT)
#define SCHEMA_RECOMMENDATION                                                                      \
    S_OBJ("\"as_of_seq\",\"digest\",\"picks\",\"runner_up\",\"shortfalls\"",                       \
          "\"as_of_seq\":" S_INT ",\"road_seq\":" S_INT ",\"digest\":" S_TEXT                      \
          ",\"picks\":" S_LIST(S_MAP) ",\"runner_up\":" S_LIST(S_MAP) ",\"shortfalls\":" S_LIST(   \
              S_MAP) ",\"considered\":" S_INT ",\"cover\":" S_MAP)
#define SCHEMA_FEATURE                                                                             \
    S_OBJ("\"type\",\"geometry\",\"properties\"",                                                  \
          "\"type\":{\"const\":\"Feature\"},\"geometry\":" S_MAP ",\"properties\":" S_MAP)
#define SCHEMA_COLLECTION                                                                          \
    S_OBJ("\"type\",\"features\"",                                                                 \
          "\"type\":{\"const\":\"FeatureCollection\"},\"features\":" S_LIST(                       \
              S_MAP) ",\"next\":" S_TEXT)
#define SCHEMA_COVER                                                                               \
    S_OBJ("\"as_of\",\"limits_s\",\"source\",\"demand\",\"reached\",\"areas\",\"units\"",          \
          "\"as_of\":" S_INT ",\"road_version\":" S_INT ",\"limits_s\":" S_LIST(                   \
              S_INT) ",\"source\":" S_TEXT ",\"calls\":" S_INT ",\"cells\":" S_INT                 \
                     ",\"demand\":" S_INT ",\"off_road\":" S_INT                                   \
                     ",\"reached\":" S_LIST(S_INT) ",\"searched\":" S_INT ",\"areas\":" S_LIST(    \
                         S_MAP) ",\"units\":" S_LIST(S_MAP))
#define SCHEMA_NEAR                                                                                \
    S_OBJ("\"items\"", "\"items\":" S_LIST(S_OBJ("\"distance_m\",\"is_inside\",\"hazard\"",        \
                                                 "\"distance_m\":" S_INT ",\"is_inside\":" S_BOOL  \
                                                 ",\"hazard\":" S_MAP)))
#define SCHEMA_TEAM                                                                                \
    S_OBJ("\"as_of_seq\",\"items\"",                                                               \
          "\"as_of_seq\":" S_INT ",\"items\":" S_LIST(S_OBJ(                                       \
              "\"unit\",\"callsign\",\"stage\"",                                                   \
              "\"unit\":" S_TEXT ",\"callsign\":" S_TEXT ",\"kind\":" S_TEXT ",\"crew\":" S_INT    \
              ",\"stage\":" S_TEXT ",\"since\":" S_TIME ",\"eta_s\":" S_NUM)))
#define SCHEMA_AREA_STEP                                                                           \
    S_OBJ("\"id\",\"code\",\"name\",\"level\"",                                                    \
          "\"id\":" S_TEXT ",\"code\":" S_TEXT ",\"name\":" S_TEXT ",\"level\":" S_INT)
#define SCHEMA_RESOLVED                                                                            \
    S_OBJ("\"areas\",\"is_near_border\"",                                                          \
          "\"areas\":" S_LIST(SCHEMA_AREA_STEP) ",\"near\":" S_LIST(                               \
              SCHEMA_AREA_STEP) ",\"station\":" S_TEXT ",\"officer\":" S_TEXT ",\"phone\":" S_TEXT \
                                ",\"nearest_street\":" S_OBJ(                                      \
                                    "\"name\",\"metres\"",                                         \
                                    "\"name\":" S_TEXT                                             \
                                    ",\"metres\":" S_INT) ",\"is_near_border\":" S_BOOL)
#define SCHEMA_HITS                                                                                \
    S_OBJ("\"items\"", "\"items\":" S_LIST(S_OBJ("\"text\",\"kind\",\"place\"",                    \
                                                 "\"text\":" S_TEXT ",\"kind\":" S_TEXT            \
                                                 ",\"place\":" S_PLACE ",\"accuracy_m\":" S_INT    \
                                                 ",\"score\":" S_INT ",\"id\":" S_TEXT)))
#define SCHEMA_CATALOGUE                                                                                                      \
    S_OBJ(                                                                                                                    \
        "\"types\",\"plans\",\"dispositions\",\"capabilities\",\"unit_kinds\",\"areas\","                                     \
        "\"bodies\",\"posts\"",                                                                                               \
        "\"types\":" S_LIST(S_MAP) ",\"plans\":" S_LIST(S_MAP) ",\"dispositions\":" S_LIST("{}") ",\"capabilities\":" S_LIST( \
            "{}") ",\"unit_kinds\":" S_LIST("{}") ",\"areas\":" S_LIST(S_MAP) ",\"bodies\""                                   \
                                                                              ":" S_LIST(                                     \
                                                                                  S_MAP) ",\"post"                            \
                                                                                         "s\""                                \
                                                                                         ":" S_LIST(                          \
                                                                                             S_MAP))
#define SCHEMA_POSITIONS                                                                           \
    S_OBJ("\"as_of\",\"items\"",                                                                   \
          "\"as_of\":" S_INT                                                                       \
          ",\"items\":" S_LIST(S_OBJ("\"unit\",\"place\",\"at\"",                                  \
                                     "\"unit\":" S_TEXT ",\"place\":" S_PLACE ",\"at\":" S_TIME    \
                                     ",\"speed_mm_s\":" S_INT ",\"course_cdeg\":" S_INT)))
#define SCHEMA_MAP                                                                                 \
    S_OBJ("\"bounds\",\"centre\",\"zoom\",\"attribution\",\"city\",\"name\"",                      \
          "\"bounds\":" S_LIST(S_NUM) ",\"centre\":" S_LIST(S_NUM) ",\"zoom\":" S_LIST(            \
              S_INT) ",\"attribution\":" S_TEXT ",\"city\":" S_TEXT                                \
                     ",\"name\":" S_OBJ("\"zh\",\"en\"", "\"zh\":" S_TEXT ",\"en\":" S_TEXT))
#define SCHEMA_HEALTH                                                                              \
    S_OBJ("\"status\"",                                                                            \
          "\"status\":{\"enum\":[\"ok\",\"degraded\"]},\"seq\":" S_INT ",\"realm\":" S_INT         \
          ",\"version\":" S_TEXT ",\"core\":" S_MAP ",\"road_digests\":" S_MAP)
#define SCHEMA_REPORTED S_OBJ("\"code\"", "\"code\":" S_TEXT)
#define SCHEMA_FOLLOWED                                                                            \
    S_OBJ("\"stage\",\"updated_hour\"",                                                            \
          "\"stage\":" S_TEXT ",\"updated_hour\":" S_TEXT ",\"answer\":" S_TEXT)
#define SCHEMA_NOTICES                                                                             \
    S_OBJ("\"notices\",\"counts\"", "\"notices\":" S_LIST(S_MAP) ",\"counts\":" S_LIST(S_MAP))
#define SCHEMA_BLOB S_OBJ("\"blob\"", "\"blob\":" S_TEXT)
#define SCHEMA_META                                                                                \
    S_OBJ("\"city\",\"name\",\"bounds\",\"centre\",\"zoom\",\"categories\",\"contact_key\"",       \
          "\"city\":" S_TEXT ",\"name\":" S_MAP                                                    \
          ",\"bounds\":" S_LIST(S_NUM) ",\"centre\":" S_LIST(S_NUM) ",\"zoom\":" S_LIST(           \
              S_INT) ",\"attribution\":" S_TEXT                                                    \
                     ",\"categories\":" S_LIST(S_MAP) ",\"contact_key\":" S_TEXT)
#endif
