#include "operation/picture.h"

#include <string.h>
#include <time.h>

#include "operation/html.h"

enum { WIDTH = 960, HEIGHT = 480, LEFT = 70, TOP = 50, PLOT_WIDTH = 660, PLOT_HEIGHT = 350, LEGEND = 750 };
enum { DAYS_MAX = 366, DAY_SECONDS = 86400, TICKS = 5, LABELS = 9, DAY_TEXT = 11 };

/* In the order of the stack, from below. The colours are those of Okabe and Ito, which are told apart with any colour
 * vision and have different lightness in print; what was refused is hatched. */
static const struct series {
    const char *activity;
    const char *english, *swedish;
    const char *fill;
} all_series[] = {
    {"read", "read", "läst", "#0072b2"},
    {"search", "searched", "sökt", "#56b4e9"},
    {"write", "written", "skrivit", "#009e73"},
    {"sign", "signed", "undertecknat", "#f0e442"},
    {"disclose", "disclosed", "lämnat ut", "#e69f00"},
    {"export", "exported", "exporterat", "#d55e00"},
    {"evaluate", "evaluated", "prövat", "#cc79a7"},
    {"emergency-access", "emergency access", "nödåtkomst", "#000000"},
    {NULL, "other", "annat", "#999999"},
    {NULL, "refused", "nekat", "url(#refused)"},
};
enum { SERIES = sizeof(all_series) / sizeof(*all_series), OTHER = SERIES - 2, REFUSED = SERIES - 1 };

struct drawing {
    struct buffer svg;
    struct arena *arena;
    const json_t *statistics;
    bool swedish;
    time_t first; /* midnight, counted as UTC: a day is a day */
    size_t days;
    long long counts[DAYS_MAX][SERIES];
    long long totals[SERIES];
    long long total;
    long long step, top; /* of the axis */
};

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

static const char *say(const struct drawing *drawing, const char *english, const char *swedish)
{
    return drawing->swedish ? swedish : english;
}

static const char *name_of(const struct drawing *drawing, size_t series)
{
    return say(drawing, all_series[series].english, all_series[series].swedish);
}

/* Midnight of YYYY-MM-DD; 0 for what is no day. */
static time_t midnight(const char *day)
{
    struct tm tm = {0};
    return strptime(day, "%Y-%m-%d", &tm) ? timegm(&tm) : 0;
}

static const char *day_text(struct drawing *drawing, size_t day)
{
    time_t moment = drawing->first + (time_t)day * DAY_SECONDS;
    struct tm tm;
    char *text = arena_alloc(drawing->arena, DAY_TEXT);
    gmtime_r(&moment, &tm);
    strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);
    return text;
}

static size_t series_of(const json_t *count)
{
    const char *activity = text_of(count, "activity");
    if (strcmp(text_of(count, "outcome"), "denied") == 0)
        return REFUSED;
    for (size_t i = 0; i < OTHER; i++)
        if (strcmp(activity, all_series[i].activity) == 0)
            return i;
    return OTHER;
}

static long long total_of(const struct drawing *drawing, size_t day)
{
    long long sum = 0;
    for (size_t i = 0; i < SERIES; i++)
        sum += drawing->counts[day][i];
    return sum;
}

/* The greatest day, and an axis of round numbers that reaches it. */
static size_t scale(struct drawing *drawing)
{
    size_t greatest = 0;
    for (size_t day = 1; day < drawing->days; day++)
        if (total_of(drawing, day) > total_of(drawing, greatest))
            greatest = day;
    long long most = total_of(drawing, greatest);
    long long power = 1;
    while (power * 10 * TICKS < most)
        power *= 10;
    drawing->step = power * TICKS >= most ? power : power * 2 * TICKS >= most ? power * 2 : power * 5;
    if (drawing->step * TICKS < most)
        drawing->step = power * 10;
    drawing->top = (most + drawing->step - 1) / drawing->step * drawing->step;
    if (drawing->top == 0)
        drawing->top = drawing->step;
    return greatest;
}

static void gather(struct drawing *drawing)
{
    size_t i;
    json_t *count;
    drawing->first = midnight(text_of(drawing->statistics, "from"));
    time_t last = midnight(text_of(drawing->statistics, "until"));
    drawing->days = last < drawing->first ? 1 : (size_t)((last - drawing->first) / DAY_SECONDS) + 1;
    if (drawing->days > DAYS_MAX)
        drawing->days = DAYS_MAX;
    json_array_foreach(json_object_get(drawing->statistics, "days"), i, count)
    {
        time_t day = (midnight(text_of(count, "day")) - drawing->first) / DAY_SECONDS;
        long long events = json_integer_value(json_object_get(count, "events"));
        size_t series = series_of(count);
        if (day < 0 || (size_t)day >= drawing->days)
            continue;
        drawing->counts[day][series] += events;
        drawing->totals[series] += events;
        drawing->total += events;
    }
}

static void put_text(struct drawing *drawing, double x, double y, const char *attributes, const char *text)
{
    buffer_put(&drawing->svg, arena_printf(drawing->arena, "<text x=\"%.1f\" y=\"%.1f\"%s>", x, y, attributes));
    html_text(&drawing->svg, text);
    buffer_put(&drawing->svg, "</text>\n");
}

static void put_element(struct drawing *drawing, const char *name, const char *attributes, const char *text)
{
    buffer_put(&drawing->svg, arena_printf(drawing->arena, "<%s%s>", name, attributes));
    html_text(&drawing->svg, text);
    buffer_put(&drawing->svg, arena_printf(drawing->arena, "</%s>\n", name));
}

/* "read 12, written 3": the series of `counts` that are not empty. */
static const char *list(struct drawing *drawing, const long long *counts)
{
    const char *text = "";
    for (size_t i = 0; i < SERIES; i++)
        if (counts[i] > 0)
            text = arena_printf(drawing->arena, "%s%s%s %lld", text, *text ? ", " : "", name_of(drawing, i), counts[i]);
    return text;
}

static const char *title_of(struct drawing *drawing)
{
    const char *unit = text_of(drawing->statistics, "unitName");
    const char *whose = *unit ? unit : text_of(drawing->statistics, "organisationName");
    return arena_printf(drawing->arena,
                        drawing->swedish ? "Åtkomster per dag, %s, %s till %s" : "Accesses by day, %s, %s to %s", whose,
                        text_of(drawing->statistics, "from"), text_of(drawing->statistics, "until"));
}

static const char *description_of(struct drawing *drawing, size_t greatest)
{
    if (drawing->total == 0)
        return say(drawing, "There were no accesses.", "Det fanns inga åtkomster.");
    return arena_printf(
        drawing->arena,
        drawing->swedish
            ? "En stapel för var och en av %zu dagar, delad efter aktivitet. %lld åtkomster: %s. Flest %s: %lld."
            : "A bar for each of %zu days, stacked by activity. %lld accesses: %s. Most on %s: %lld.",
        drawing->days, drawing->total, list(drawing, drawing->totals), day_text(drawing, greatest),
        total_of(drawing, greatest));
}

static void open_picture(struct drawing *drawing, size_t greatest)
{
    const char *title = title_of(drawing);
    buffer_put(&drawing->svg,
               arena_printf(drawing->arena,
                            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                            "width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" xml:lang=\"%s\" role=\"img\" "
                            "aria-labelledby=\"title description\">\n",
                            WIDTH, HEIGHT, WIDTH, HEIGHT, drawing->swedish ? "sv" : "en"));
    put_element(drawing, "title", " id=\"title\"", title);
    put_element(drawing, "desc", " id=\"description\"", description_of(drawing, greatest));
    buffer_put(
        &drawing->svg,
        "<defs><pattern id=\"refused\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#ffffff\"/><rect width=\"2.5\" "
        "height=\"6\" fill=\"#000000\"/></pattern></defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
        "<g font-family=\"sans-serif\" font-size=\"12\" fill=\"#1b1b1b\">\n");
    put_text(drawing, LEFT, 26, " font-size=\"16\" font-weight=\"bold\"", title);
}

static double height_of(const struct drawing *drawing, long long events)
{
    return (double)events * PLOT_HEIGHT / (double)drawing->top;
}

static void put_axes(struct drawing *drawing)
{
    for (long long at = 0; at <= drawing->top; at += drawing->step) {
        double y = TOP + PLOT_HEIGHT - height_of(drawing, at);
        buffer_put(&drawing->svg, arena_printf(drawing->arena, "<path d=\"M%d %.1fH%d\" stroke=\"%s\"/>\n", LEFT, y,
                                               LEFT + PLOT_WIDTH, at ? "#d0d0d0" : "#1b1b1b"));
        put_text(drawing, LEFT - 8, y + 4, " text-anchor=\"end\"", arena_printf(drawing->arena, "%lld", at));
    }
    size_t every = (drawing->days + LABELS - 1) / LABELS;
    for (size_t day = 0; day < drawing->days; day += every) {
        double x = LEFT + ((double)day + 0.5) * PLOT_WIDTH / (double)drawing->days;
        buffer_put(&drawing->svg,
                   arena_printf(drawing->arena, "<path d=\"M%.1f %dv5\" stroke=\"#1b1b1b\"/>\n", x, TOP + PLOT_HEIGHT));
        put_text(drawing, x, TOP + PLOT_HEIGHT + 20, " text-anchor=\"middle\"", day_text(drawing, day));
    }
}

static void put_bar(struct drawing *drawing, size_t day)
{
    double place = PLOT_WIDTH / (double)drawing->days;
    double gap = place > 4 ? place / 6 : 0;
    double y = TOP + PLOT_HEIGHT;
    if (total_of(drawing, day) == 0)
        return;
    /* Neighbours are told apart without colour as well, where there is room for a line between them. */
    buffer_put(&drawing->svg, gap > 0 ? "<g stroke=\"#1b1b1b\" stroke-width=\"0.5\">" : "<g>");
    put_element(drawing, "title", "",
                arena_printf(drawing->arena, "%s: %s", day_text(drawing, day), list(drawing, drawing->counts[day])));
    for (size_t i = 0; i < SERIES; i++) {
        double height = height_of(drawing, drawing->counts[day][i]);
        y -= height;
        if (height > 0)
            buffer_put(&drawing->svg,
                       arena_printf(drawing->arena,
                                    "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\"/>",
                                    LEFT + (double)day * place + gap, y, place - 2 * gap, height, all_series[i].fill));
    }
    buffer_put(&drawing->svg, "</g>\n");
}

/* From above as the stack is, and of what there is. */
static void put_legend(struct drawing *drawing)
{
    double y = TOP;
    for (size_t i = SERIES; i-- > 0;) {
        if (drawing->totals[i] == 0)
            continue;
        buffer_put(&drawing->svg, arena_printf(drawing->arena,
                                               "<rect x=\"%d\" y=\"%.1f\" width=\"14\" height=\"14\" fill=\"%s\" "
                                               "stroke=\"#1b1b1b\" stroke-width=\"0.5\"/>\n",
                                               LEGEND, y, all_series[i].fill));
        put_text(drawing, LEGEND + 22, y + 12, "",
                 arena_printf(drawing->arena, "%s: %lld", name_of(drawing, i), drawing->totals[i]));
        y += 22;
    }
}

static void put_note(struct drawing *drawing)
{
    const char *note = drawing->total == 0 ? say(drawing, "There were no accesses.", "Det fanns inga åtkomster.") : "";
    if (json_is_false(json_object_get(drawing->statistics, "exact")))
        note = say(drawing, "Left out: numbers under five, and the present day.",
                   "Utelämnat: antal under fem, och den dag som pågår.");
    if (*note)
        put_text(drawing, LEFT, HEIGHT - 20, "", note);
}

struct buffer picture_of_accesses(struct arena *arena, const json_t *statistics, bool swedish)
{
    struct drawing *drawing = arena_alloc(arena, sizeof(*drawing));
    drawing->svg = buffer_begin(arena, 16384);
    drawing->arena = arena;
    drawing->statistics = statistics;
    drawing->swedish = swedish;
    gather(drawing);
    open_picture(drawing, scale(drawing));
    put_axes(drawing);
    for (size_t day = 0; day < drawing->days; day++)
        put_bar(drawing, day);
    put_legend(drawing);
    put_note(drawing);
    buffer_put(&drawing->svg, "</g>\n</svg>\n");
    return drawing->svg;
}
