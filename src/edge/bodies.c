#include "edge/bodies.h"
#include "model/record_table.h"

#define RECORD_NOW login
RECORD_TABLE(login, LOGIN_FIELDS)
#undef RECORD_NOW
#define RECORD_NOW fix
RECORD_TABLE(fix, FIX_FIELDS)
#undef RECORD_NOW
#define RECORD_NOW report
RECORD_TABLE(report, REPORT_FIELDS)
#undef RECORD_NOW
