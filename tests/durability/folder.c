#include "folder.h"

#include "base/file.h"

#include <assert.h>
#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILE (64u << 20)

void folder_make(char dir[FOLDER_CAP])
{
    const char *wanted = getenv("ANWANG_SCRATCH");
    const bool has_memory = access("/dev/shm", W_OK) == 0;
    (void)snprintf(dir, FOLDER_CAP, "%s/anwang-test-XXXXXX",
                   wanted       ? wanted
                   : has_memory ? "/dev/shm"
                                : "/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        exit(1);
    }
}

static void copy_file(const char *from, const char *to)
{
    struct out bytes;
    out_init(&bytes, MAX_FILE);
    enum err err = file_read(from, &bytes);
    FILE *file = err ? NULL : fopen(to, "we");
    assert(file && fwrite(bytes.p, 1, bytes.len, file) == bytes.len && fclose(file) == 0);
    out_done(&bytes);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the data folder, three */
void folder_copy(const char *from, const char *to)
{
    DIR *all = opendir(from);
    const struct dirent *entry;
    struct stat st;
    assert(all);
    (void)mkdir(to, 0700);
    while ((entry = readdir(all)) != NULL) {
        char a[FOLDER_CAP + 300], b[FOLDER_CAP + 300];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(a, sizeof a, "%s/%s", from, entry->d_name);
        (void)snprintf(b, sizeof b, "%s/%s", to, entry->d_name);
        if (stat(a, &st) == 0 && S_ISDIR(st.st_mode))
            folder_copy(a, b);
        else
            copy_file(a, b);
    }
    (void)closedir(all);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

void folder_remove(const char *dir)
{
    (void)nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

void folder_forget_index(const char *dir)
{
    char path[480];
    (void)snprintf(path, sizeof path, "%s/store/anwang.db-shm", dir);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/store/public.db-shm", dir);
    (void)unlink(path);
}

void folder_quiet(void)
{
    if (!getenv("ANWANG_VERBOSE") && !freopen("/dev/null", "we", stderr))
        abort();
}
