#include "log/progress.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_WIDTH = 24, REDRAW_US = 200000 };

void progress_begin(struct progress *progress, FILE *file, const char *unit, uint64_t total)
{
    *progress = (struct progress){.terminal = isatty(fileno(file)) ? file : NULL, .unit = unit, .total = total};
    progress->started_us = progress->drawn_us = clock_monotonic_us();
}

/* "1.5 M" */
static void scaled(double number, char text[static 16])
{
    static const char *const prefixes[] = {"", "k", "M", "G", "T"};
    size_t step = 0;
    for (; number >= 1000 && step + 1 < sizeof(prefixes) / sizeof(*prefixes); step++)
        number /= 1000;
    snprintf(text, 16, step == 0 ? "%.0f %s" : "%.1f %s", number, prefixes[step]);
}

void progress_text(const char *unit, uint64_t done, uint64_t total, int64_t elapsed_us, char text[PROGRESS_TEXT_SIZE])
{
    char bar[BAR_WIDTH + 1], rate[16], left[32] = "";
    double seconds = (double)elapsed_us / 1e6, speed = seconds > 0 ? (double)done / seconds : 0;
    double share = total > 0 && done < total ? (double)done / (double)total : 1;
    size_t filled = (size_t)(share * BAR_WIDTH);
    scaled(speed, rate);
    if (total == 0) {
        char sum[16];
        scaled((double)done, sum);
        snprintf(text, PROGRESS_TEXT_SIZE, "%s%s, %s%s/s", sum, unit, rate, unit);
        return;
    }
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', filled);
    bar[BAR_WIDTH] = '\0';
    if (speed > 0) {
        uint64_t rest = (uint64_t)((double)(total - (done < total ? done : total)) / speed);
        snprintf(left, sizeof(left), ", %" PRIu64 ":%02u:%02u left", rest / 3600, (unsigned)(rest / 60 % 60),
                 (unsigned)(rest % 60));
    }
    snprintf(text, PROGRESS_TEXT_SIZE, "[%s] %3u %%, %s%s/s%s", bar, (unsigned)(share * 100), rate, unit, left);
}

void progress_update(struct progress *progress, uint64_t done)
{
    char text[PROGRESS_TEXT_SIZE];
    int64_t now = progress->terminal ? clock_monotonic_us() : 0;
    if (!progress->terminal || now - progress->drawn_us < REDRAW_US)
        return;
    progress->drawn_us = now;
    progress_text(progress->unit, done, progress->total, now - progress->started_us, text);
    fprintf(progress->terminal, "\r%s\033[K", text);
    fflush(progress->terminal);
}

void progress_clear(struct progress *progress)
{
    if (!progress->terminal)
        return;
    fputs("\r\033[K", progress->terminal);
    fflush(progress->terminal);
}
