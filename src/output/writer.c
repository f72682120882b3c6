/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include <casniff/writer.h>

static int write_to_stream(void *user, struct cas_view text)
{
    FILE *stream = user;
    errno = 0;
    if (fwrite(text.data, 1, text.len, stream) == text.len) {
        return 0;
    }
    return errno != 0 ? errno : EIO;
}

struct cas_writer cas_writer_to_stream(FILE *stream)
{
    return (struct cas_writer){ .user = stream, .write = write_to_stream };
}
