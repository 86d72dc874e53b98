/* loop.h - parts of ./bench loop that have a file of their own. Each makes its own server and
 * prints its bars. */
#ifndef TESTS_BENCH_LOOP_H
#define TESTS_BENCH_LOOP_H
void part_replay(void);
void part_usable(void);
#endif
