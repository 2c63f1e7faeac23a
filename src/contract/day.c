#include "contract/day.h"

#include <time.h>

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool day_exists(struct day day)
{
    return day.year >= 1 && day.year <= 9999 && day.month >= 1 && day.month <= 12 && day.day >= 1 &&
           day.day <= days_in_month(day.year, day.month);
}

int day_compare(struct day a, struct day b)
{
    if (a.year != b.year)
        return a.year - b.year;
    return a.month != b.month ? a.month - b.month : a.day - b.day;
}

/* Summer time runs from 01:00 UTC on the last Sunday in March to 01:00 UTC on the last Sunday in October
 * (directive 2000/84/EC). Written out because the machine may have no time zone files and the process's own time
 * zone is nobody's business here. */
static bool is_summer_time(const struct tm *utc)
{
    if (utc->tm_mon != 2 && utc->tm_mon != 9)
        return utc->tm_mon > 2 && utc->tm_mon < 9;
    int next_sunday = utc->tm_mday + 7 - utc->tm_wday;
    bool last_sunday_today = utc->tm_wday == 0 && next_sunday > 31;
    bool switched = last_sunday_today ? utc->tm_hour >= 1 : next_sunday > 31;
    return utc->tm_mon == 2 ? switched : !switched;
}

struct day day_in_sweden(int64_t epoch)
{
    time_t moment = (time_t)epoch;
    struct tm utc;
    gmtime_r(&moment, &utc);
    moment += is_summer_time(&utc) ? 7200 : 3600;
    gmtime_r(&moment, &utc);
    return (struct day){utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday};
}
