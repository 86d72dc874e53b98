/* replay FOLDER: feeds every file of a corpus to the fuzz target that it is linked with. */
#include "base/file.h"
#include "fuzz.h"
#include <dirent.h>

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    int file_count = 0;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        struct out bytes;
        out_init(&bytes, 64u << 20);
        if (file_read(path, &bytes) != OK) {
            (void)fprintf(stderr, "cannot read %s\n", path);
            return 1;
        }
        /* An own block of the exact size, so that sanitizers see any step over its end. */
        uint8_t *exact = malloc(bytes.len ? bytes.len : 1);
        if (!exact)
            return 1;
        if (bytes.len)
            memcpy(exact, bytes.p, bytes.len);
        (void)LLVMFuzzerTestOneInput(exact, bytes.len);
        free(exact);
        out_done(&bytes);
        file_count++;
    }
    if (folder)
        (void)closedir(folder);
    printf("%d inputs\n", file_count);
    return file_count ? 0 : 1;
}
