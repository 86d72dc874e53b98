#include "base/log.h"
#include "base/utc.h"
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_LINE_BYTES 1024
#define MAX_EVENT_NAMES 256 /* slots of the rate limit; names that share a slot share a limit */
#define BURST_LINES 20      /* of one name in one second */

static char process[32] = "anwang";
static _Atomic enum log_level max_level = LOG_INFO_LEVEL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    int64_t second;
    unsigned line_count, dropped_count;
} budgets[MAX_EVENT_NAMES];

void log_init(const char *process_name, enum log_level level)
{
    (void)str_copy(str_of(process_name), process, sizeof process);
    atomic_store(&max_level, level);
}

/* False when the name has had its lines of this second. *ret_dropped: lines lost before. */
static bool take_budget(const char *event, int64_t second, unsigned *ret_dropped)
{
    uint32_t slot = 2166136261u; /* FNV-1a */
    for (const char *p = event; *p; p++)
        slot = (slot ^ (uint8_t)*p) * 16777619u;
    slot %= MAX_EVENT_NAMES;
    (void)pthread_mutex_lock(&lock);
    bool may_write = budgets[slot].second != second || budgets[slot].line_count < BURST_LINES;
    if (budgets[slot].second != second) {
        budgets[slot].second = second;
        budgets[slot].line_count = 0;
    }
    *ret_dropped = may_write ? budgets[slot].dropped_count : 0;
    budgets[slot].dropped_count = may_write ? 0 : budgets[slot].dropped_count + 1;
    budgets[slot].line_count++;
    (void)pthread_mutex_unlock(&lock);
    return may_write;
}

void log_line(enum log_level level, const char *event, const char *fmt, ...)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    if (level > atomic_load(&max_level))
        return;
    /* The one clock outside main and net: a line is stamped when it is written. */
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    unsigned dropped = 0;
    if (!take_budget(event, now.tv_sec, &dropped))
        return;
    char stamp[UTC_ISO_CAP], line[MAX_LINE_BYTES];
    utc_iso(now.tv_sec * US_PER_S + now.tv_nsec / 1000, stamp);
    int head = snprintf(line, sizeof line, "%s %s %s %s ", stamp, names[level], process, event);
    size_t len = head < (int)sizeof line / 2 ? (size_t)head : sizeof line / 2;
    if (dropped) {
        int n = snprintf(line + len, sizeof line - len, "dropped=%u ", dropped);
        len += (size_t)n;
    }
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(line + len, sizeof line - len - 1, fmt, args);
    va_end(args);
    if (n > 0)
        len += (size_t)n < sizeof line - len - 1 ? (size_t)n : sizeof line - len - 2;
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)line[i] < ' ' || line[i] == 0x7F)
            line[i] = '?'; /* a value must not forge a line */
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) < 0)
        return; /* nowhere left to say it */
}
