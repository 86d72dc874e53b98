/* log.h - one line per event on stderr, key=value. No names, numbers or places: ids only.
 * Layer: base. Threads: any (one write call a line). Repeats of one name are rate limited. */
#ifndef BASE_LOG_H
#define BASE_LOG_H
enum log_level { LOG_ERROR_LEVEL, LOG_WARN_LEVEL, LOG_INFO_LEVEL, LOG_DEBUG_LEVEL };
void log_init(const char *process_name, enum log_level level);
void log_line(enum log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
#define LOG_ERROR(event, ...) log_line(LOG_ERROR_LEVEL, event, __VA_ARGS__)
#define LOG_WARN(event, ...) log_line(LOG_WARN_LEVEL, event, __VA_ARGS__)
#define LOG_INFO(event, ...) log_line(LOG_INFO_LEVEL, event, __VA_ARGS__)
#define LOG_DEBUG(event, ...) log_line(LOG_DEBUG_LEVEL, event, __VA_ARGS__)
#endif
