/* The clocks and own addresses of loop.h. */
#include "net/loop.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>

static struct {
    int64_t start_utc_us, speed, origin_mono_us; /* speed 0 = the real clock */
} replay;

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t net_mono_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

int64_t net_now_utc_us(void)
{
    if (replay.speed == 0)
        return clock_us(CLOCK_REALTIME);
    return replay.start_utc_us + (net_mono_us() - replay.origin_mono_us) * replay.speed;
}

void net_clock_replay(int64_t start_utc_us, int64_t speed, int64_t origin_mono_us)
{
    replay.start_utc_us = start_utc_us;
    replay.origin_mono_us = origin_mono_us;
    replay.speed = speed;
}

static bool is_reachable(const struct ifaddrs *interface, int family)
{
    if (!interface->ifa_addr || interface->ifa_addr->sa_family != family)
        return false;
    if (!(interface->ifa_flags & IFF_UP) || (interface->ifa_flags & IFF_LOOPBACK))
        return false;
    if (family == AF_INET)
        return true;
    const struct sockaddr_in6 *six = (const void *)interface->ifa_addr;
    return !IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr);
}

static const void *address_of(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
    return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
}

size_t net_own_addresses(char (*ret_texts)[NET_ADDRESS_CAP], size_t max_count)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct ifaddrs *all = NULL;
    size_t count = 0;
    if (getifaddrs(&all) != 0)
        return 0;
    for (size_t f = 0; f < 2; f++) {
        for (const struct ifaddrs *i = all; i && count < max_count; i = i->ifa_next) {
            if (is_reachable(i, families[f]) &&
                inet_ntop(families[f], address_of(i->ifa_addr), ret_texts[count], NET_ADDRESS_CAP))
                count++;
        }
    }
    freeifaddrs(all);
    return count;
}
